#!/bin/sh
# Makes .venv and installs one requirements file into it, both only when needed.
#   sh tools/environment.sh requirements.txt
# PYTHON names the interpreter to use. A stamp is written after an install that ended well and holds what was
# installed, so an interrupted install is repeated and an unchanged one costs nothing.
set -eu
umask 022  # from root, the embedded services run as another user, who has to reach their binaries

requirements=$1
venv=${VENV:-.venv}
fits='import sys; sys.exit(sys.version_info < (3, 11))'

say() { printf '%s\n' "$*" >&2; }

# Versions with wheels for everything come first; the others may have to compile.
choose_python() {
    old='' bare=''
    for name in ${PYTHON:-python3.12 python3.11 python3.13 python3.14 python3}; do
        version=$("$name" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue
        if ! "$name" -c "$fits" 2>/dev/null; then old="$old $name ($version)"; continue; fi
        if ! "$name" -c 'import ensurepip, venv' 2>/dev/null; then bare="$bare $name ($version)"; continue; fi
        printf '%s\n' "$name"
        return
    done
    if [ -n "$bare" ]; then
        say "Found Python without its venv and ensurepip modules:$bare"
        say 'Install them (Debian, Ubuntu: apt install python3-venv), or name another one: make run PYTHON=/path/to/python3'
    elif [ -n "$old" ]; then
        say "LabsNinja needs Python 3.11 or newer; found only:$old"
        say 'Install a newer one, or name it: make run PYTHON=/path/to/python3'
    else
        say "LabsNinja needs Python 3.11 or newer; found none (looked for ${PYTHON:-python3.11 to python3.14, python3})."
    fi
    return 1
}

fingerprint() { # of the files named: one line that changes when any of them does
    "$venv/bin/python" -c 'import hashlib, sys
print(*(hashlib.sha256(open(name, "rb").read()).hexdigest() for name in sys.argv[1:]))' "$@"
}

# The stamp of the environment names its folder, since scripts inside hold absolute paths.
if [ "$(cat "$venv/made-in" 2>/dev/null)" != "$PWD" ] || ! "$venv/bin/python" -c "$fits" 2>/dev/null; then
    python=$(choose_python)
    say "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
    printf '%s\n' "$PWD" > "$venv/made-in"
fi

wanted=$(fingerprint "$requirements")
stamp=$venv/installed-$requirements
[ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || exit 0

say "Installing $requirements (once)"
rm -f "$venv"/installed-*
# The file names everything that is needed. Without --no-deps pip refuses an extra's package, as in pydantic[email], that
# something else asks for without the extra; `pip check` tells what would be missing.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$requirements"
"$venv/bin/python" -m pip check --disable-pip-version-check >&2
printf '%s\n' "$wanted" > "$stamp"
# What development needs includes what running needs.
[ "$requirements" != requirements-dev.txt ] || fingerprint requirements.txt > "$venv/installed-requirements.txt"
