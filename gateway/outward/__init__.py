"""How other systems hear of what happens here: webhooks and MQTT, both read the feed."""
