def walk(sdk):
    api = sdk("product_catalog.v2alpha1.ProductCatalogV2Alpha1PublicCatalogAPI")
    api.list_public_catalog_products(zone="fr-par-1")
