"""The composition root: settings, URLs, processes. It imports every part; of it the parts import the kernel alone."""
