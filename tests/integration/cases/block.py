from . import Case

GB = 10**9

CASES = [
    Case(
        "block_volume",
        create={"name": "case", "size": 20 * GB, "tags": ["a"]},
        changes={"size": 30 * GB, "perf_iops": 15000, "tags": []},
        refused=[
            ({"name": "bad"}, r"size: needed to create volume bad, or snapshot_id"),
            ({"name": "bad", "snapshot_id": "gone"}, r"snapshot_id: snapshot 'gone' does not exist"),
            ({"name": "bad", "size": 1, "perf_iops": 1}, r"perf_iops must be one of: 5000, 15000"),
        ],
    ),
    Case(
        "block_volume",
        label="slower",
        create={"name": "case-slower", "size": GB, "perf_iops": 15000},
        changes={"perf_iops": 5000},
    ),
]
