"""The functions of the language, by what they work on; `table` has all of them."""
