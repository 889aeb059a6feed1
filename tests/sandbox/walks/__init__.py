"""How to call every operation that the sandbox serves, through the SDK: one file per product with a function `walk(sdk)`.

    def walk(sdk):
        api = sdk("vpc.v2.VpcV2API")                     # the SDK's class, with every answer checked
        vpc = api.create_vpc(enable_routing=True, name="walked")
        api.list_vp_cs()
        api.delete_vpc(vpc_id=vpc.id)

    NOT_IN_SDK = {"GET /vpc/v2/..."}                     # served, but no method of the SDK calls it; say why
    NOT_SENT = {"Vpc.colour"}                            # the SDK's types promise it, the real API does not send it

The name of the file is the product as the path has it, `-` written `_`. `sdk.until(read, "ready")` reads again and again
until the status is reached. A product without a file fails test_unmarshal.py.
"""
