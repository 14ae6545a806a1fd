"""What went wrong, by the answer that was given: in the words of who has to put it right."""

from typing import Final

# By keyword (RFC 7644 table 9, RFC 9865), or by status where the answer has none: what it means, and what to do.
CAUSES: Final = {
    "uniqueness": ("The name is taken already", "Look for the one who has it: link instead of creating."),
    "invalidValue": ("A value is missing or not allowed", "The error names the attribute: change its mapping."),
    "invalidSyntax": ("The body is not what the RFC describes", "Look at the request for what is sent."),
    "invalidFilter": ("The filter cannot be read", "Look at the query for what is asked."),
    "invalidPath": ("A change names an attribute that there is not", "Correct the path in the provider's mapping."),
    "noTarget": ("A change names a value that there is not", "The provider's picture is old: have it read anew."),
    "mutability": ("An attribute that cannot be changed", "Remove it from the provider's mapping."),
    "tooMany": ("Too much was asked for at once", "Ask for a smaller page, or leave members out."),
    "401": ("The token was not accepted", "Give the provider a token that is in force."),
    "403": ("The token does not allow this", "Make a token whose scopes allow it."),
    "404": ("Somebody who is not there", "They were deleted here: have the provider forget its link to them."),
    "409": ("Two operations stood in each other's way", "The provider tries again by itself."),
    "412": ("Changed by somebody else meanwhile", "The provider reads it anew and tries again."),
    "413": ("The request is too large", "Send fewer members or operations at once."),
    "429": ("Too many requests in too short a time", "The provider waits and tries again by itself."),
    "500": ("We made a mistake", "Tell us the request id: this is ours to put right."),
    "503": ("The directory could not be reached", "The provider tries again by itself."),
}


def explain_cause(*, status: int, scim_type: str) -> tuple[str, str, str]:
    """What it means, what to do, and the code under which the docs tell more, empty where they do not."""
    code = scim_type if scim_type in CAUSES else str(status)
    meaning, step = CAUSES.get(code, ("The request was not done", "Look at one of the requests."))
    return meaning, step, code if code in CAUSES else ""
