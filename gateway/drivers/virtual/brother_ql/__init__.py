"""What a Brother QL label printer understands: raster commands in, labels and reports out."""
