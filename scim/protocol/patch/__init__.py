"""PATCH (RFC 7644 section 3.5.2): the request, what its paths lead to, and what becomes of the document."""
