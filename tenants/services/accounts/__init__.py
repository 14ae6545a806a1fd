"""Accounts of people: signing in, what proves who they are, their sessions, links and memberships."""
