"""Posts as ActivityPub tells them."""


def create_note(public_url, post):
    """`post` has id, name, text, media_url and created_at. The id is the same at every attempt: receivers know it again."""
    note = f"{public_url}/posts/{post['id']}"
    actor = f"{public_url}/users/{post['name']}"
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{note}#create",
        "type": "Create",
        "actor": actor,
        "published": post["created_at"].isoformat(),
        "object": {
            "id": note,
            "type": "Note",
            "attributedTo": actor,
            "content": post["text"],
            "attachment": [{"type": "Image", "url": post["media_url"]}] if post["media_url"] else [],
        },
    }
