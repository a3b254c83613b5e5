"""All that writes in exposure: advisories taken, devices matched, names decided, findings opened."""
