# What the commands beside it have in common; they read it in.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# Says what the command that read this in says of itself, where that is what is asked for, and goes to the root of the checkout.
begin() {
  local command=${BASH_SOURCE[1]}
  [[ " $* " != *" --help "* ]] || { sed -n '2,/^set /{s/^# //p}' "$command"; exit; }
  cd "$(dirname "$command")/.."
}

# Runs a project of bench/. What judges no time need not be built anew for speed, and not at all where BACKENDGUIDE_BUILT says that it is.
run_bench() {
  local project=$1 how=(--configuration Release)
  shift
  if [[ " $* " == *" --quick "* ]]; then
    how=(--configuration Debug)
    [ -z "${BACKENDGUIDE_BUILT-}" ] || how+=(--no-build)
  fi
  exec dotnet run "${how[@]}" --project "bench/$project" -- "$@"
}
