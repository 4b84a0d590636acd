"""What schemathesis does not know by itself: event folders travel as archives."""

import schemathesis


@schemathesis.serializer("application/zip", "application/x-tar")
def archive(ctx, value):
    """Any bytes; whole folders are sent by the tests of the node."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.deserializer("application/zip")
def unread(ctx, response):
    """An archive is not looked into here."""
    return response.content.decode("latin-1")
