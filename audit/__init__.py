"""The audit history: who did what to what, from where, with which outcome. Everything writes here; it imports the
kernel alone.
"""
