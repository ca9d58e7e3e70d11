"""Training text made harder than it came: other cases and names, noise, layouts, nameless text."""
