"""What the pages of exposure show. Every count and every device stands within what the viewer may see."""
