#!/usr/bin/env bash
# scimmy 1.3.5 throws a TypeError for a filter on a part of an attribute that one of the
# resources does not have; RFC 7644 (section 3.4.2.2) has such a resource not match. Needs
# Node.js and npm.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm install --silent --no-audit --no-fund --ignore-scripts scimmy@1.3.5
cat > run.mjs <<'EOF'
import SCIMMY from "scimmy";

const people = [{ userName: "ada", name: { familyName: "Ames" } }, { userName: "bo" }];
for (const filter of [`name.familyName eq "Ames"`, `name.familyName pr`, `title eq "Engineer"`]) {
  try {
    console.log(filter, "finds", new SCIMMY.Types.Filter(filter).match(people).map((p) => p.userName));
  } catch (e) {
    console.log(filter, "throws", e.constructor.name);
  }
}
EOF
node run.mjs > out.txt
cat out.txt
diff out.txt - <<'EOF'
name.familyName eq "Ames" throws TypeError
name.familyName pr throws TypeError
title eq "Engineer" finds []
EOF
