"""Generated expressions: any text, words of the language in any order, and programs that mostly mean something."""

from typing import Final

from hypothesis import strategies as st

from scim.mapping.functions.table import FUNCTIONS

WORDS: Final = [
    *FUNCTIONS, *("filter", "map", "exists", "all", "iif"),
    *("user", "e", "f", "userName", "name", "emails", "value", "type", "manager", "nickName", "password", "in"),
    *("__class__", "__subclasses__", "__dict__", "true", "false", "null", "for"),
    *("(", ")", "[", "]", "{", "}", ".", ",", ":", "?"),
    *("!", "-", "+", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"),
    *("0", "1", "-1", "9223372036854775807", "9223372036854775808", "1e308", ".5", "0xff", "1u", "b'x'"),
    *("''", "'a'", "'work'", '"\\u00e4"', "'\\ud800'", "'a-z'", "'(a+)+$'", "'yyyy-MM-dd'", "'\\0'", "'", "//", "\n"),
]  # fmt: skip

ANY_TEXT: Final = st.text(max_size=80)
WORD_SALAD: Final = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)

_LEAVES: Final = st.sampled_from(
    [
        *(
            "user.userName",
            "user.emails",
            "user.name.givenName",
            "user.nickName",
            "user.manager",
            "user.active",
            "user",
        ),
        *(
            "1",
            "-7",
            "2.5",
            "'a'",
            "'Zoë'",
            "''",
            "true",
            "null",
            "[]",
            "[1, 'a']",
            "{'a': 1}",
            "'2026-01-31T00:00:00Z'",
        ),
        *("'costCenters'", "'[a-z]+'", "'yyyy'", "9223372036854775807", "[['a'], ['a']]", "user.meta.created"),
    ]
)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"])
    macros = st.sampled_from(["filter", "map", "exists", "all"])
    bodies = inner | st.sampled_from(["e", "e + e", "e.value", "e == 'a'", "[e, e]", "e.type == 'work'"])
    calls = st.builds(
        lambda name, arguments: f"{name}({', '.join(arguments)})",
        st.sampled_from([*FUNCTIONS, "iif"]),
        st.lists(inner, max_size=4),
    )
    received = st.builds(
        lambda target, name, arguments: f"({target}).{name}({', '.join(arguments)})",
        inner,
        st.sampled_from(list(FUNCTIONS)),
        st.lists(inner, max_size=2),
    )
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({}).{}(e, {})".format, inner, macros, bodies),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({}).value".format, inner),
        st.builds("!({})".format, inner),
        st.builds("-({})".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        calls,
        received,
    )


PROGRAMS: Final = st.recursive(_LEAVES, _grow, max_leaves=14)
ANYTHING: Final = st.one_of(ANY_TEXT, WORD_SALAD, PROGRAMS, PROGRAMS)
