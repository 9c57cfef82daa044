"""Takes the shell scripts out of a composite action or a GitLab template, one file each.

usage: yaml_scripts.py action|gitlab FILE FOLDER    (FOLDER/<step id or job name>.sh)
"""
import os
import sys

import yaml


def scripts(kind, document):
    if kind == "action":
        for step in document["runs"]["steps"]:
            if "run" in step:
                yield step["id"], step["run"]
    else:
        for name, job in document.items():
            if isinstance(job, dict) and "script" in job:
                yield name, "\n".join(job["script"])


def main():
    kind, path, folder = sys.argv[1:]
    os.makedirs(folder)
    with open(path, encoding="utf-8") as text:
        document = yaml.safe_load(text)
    for name, script in scripts(kind, document):
        with open(os.path.join(folder, name + ".sh"), "w", encoding="utf-8") as out:
            out.write(script + "\n")


main()
