"""Runs pip from PyPI's newest wheel, for a Python that came without pip (Debian's python3).

    bootstrap.py FOLDER PIP-ARGUMENTS...
"""

import json
import os
import re
import runpy
import sys
import urllib.request

folder, sys.argv[1:] = sys.argv[1], sys.argv[2:]
request = urllib.request.Request("https://pypi.org/simple/pip/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
with urllib.request.urlopen(request, timeout=60) as answer:
    files = json.load(answer)["files"]
wheels = [f for f in files if re.fullmatch(r"pip-[0-9.]+-py3-none-any\.whl", f["filename"]) and not f.get("yanked")]
newest = max(wheels, key=lambda f: [int(n) for n in f["filename"].split("-")[1].split(".")])
path = os.path.join(folder, newest["filename"])
urllib.request.urlretrieve(newest["url"], path)
sys.path.insert(0, path)
runpy.run_module("pip", run_name="__main__")
