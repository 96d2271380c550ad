# One clear sentence when the machine lacks what the shop needs to start.
python="$1"
if ! command -v "$python" >/dev/null 2>&1; then
  echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed; $python is $("$python" -V 2>&1 | cut -d' ' -f2). Set PYTHON=python3.12, for example." >&2
  exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  echo "Python's venv module is missing: apt-get install python3-venv" >&2
  exit 1
fi
