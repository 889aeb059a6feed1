def walk(sdk):
    api = sdk("marketplace.v2.MarketplaceV2API")
    found = api.list_local_images(image_label="debian_trixie", zone="fr-par-1")
    api.get_local_image(local_image_id=found.local_images[0].id)
    image = api.list_images(include_eol=False).images[0]
    api.get_image(image_id=image.id)
