# List the recipes.
[private]
default:
    @just --list --unsorted

# All that has to hold before a commit: what .ci/run holds, without benches and installation
ready:
    cargo fmt
    cargo clippy --locked --all-targets -- -D warnings
    cargo test --locked
    RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps
    cargo deny --locked check bans licenses sources

# Begin a rule: its document, its check and its two lines in src/rules.rs
new-rule name category="coherence":
    #!/usr/bin/env bash
    set -euo pipefail
    [[ '{{ name }}' =~ ^[a-z]+(-[a-z0-9]+)*$ ]] || { echo 'a rule has a kebab-case name' >&2; exit 1; }
    module=$(tr - _ <<<'{{ name }}')
    category='{{ category }}'
    family="    // ${category^}"
    document='rules/{{ name }}.md' check="src/rules/$module.rs" list=src/rules.rs
    [[ ! -e $document && ! -e $check ]] || { echo '{{ name }} is there already' >&2; exit 1; }
    grep -qxF "$family" "$list" || { echo "no family \`$category\` in $list" >&2; exit 1; }
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    printf -- '---\nseverity: warning\ncategory: %s\nsince: %s\nsources:\n- https://kubernetes.io/docs/\n---\n\n' "$category" "$version" >"$document"
    cat >>"$document" <<'END'
    # What is wrong, in a few words

    What happens in the cluster, and why one comes to write it.

    ```yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: the-commonest-mistake
    ```

    What is rightly left alone.

    ```yaml
    apiVersion: v1
    kind: Secret
    metadata:
      name: all-is-well
    ```
    END
    cat >"$check" <<'END'
    use crate::finding::Report;
    use crate::graph::Graph;

    pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
        for resource in graph.resources() {
            let Some(name) = resource.node().at("metadata.name") else { continue };
            report.at(name, "say what is so; and what follows").help("say what to do");
        }
    }
    END
    awk -v line="mod $module;" '
        !done && /^mod / && $0 > line { print line; done = 1 }
        !done && seen && !/^mod / { print line; done = 1 }
        { seen = /^mod / ; print }' "$list" >"$list.new"
    awk -v family="$family" -v line='    rule!("{{ name }}", Check::Set('"$module"'::check)),' '
        within && (/^    \/\/ / || /^\];/) { print line; within = 0 }
        { print }
        $0 == family { within = 1 }' "$list.new" >"$list"
    rm "$list.new"
    echo "write $document and $check, then: just bless"

# Rewrite everything that tests expect (carets in rule documents, output of the command line, README), then read the diff
bless:
    BLESS=1 cargo test --locked
    git diff --stat

# Write the tables of API types in src/schema/ anew from k8s-openapi (five builds of it: some minutes)
schemas:
    schemagen/run

# Build the documentation as a book (target/book/html/index.html) and check all links
book:
    cargo build --locked
    docs/book/build target/debug/kubeshoal

# Where the time goes, stage by stage, over a folder of manifests
bench folder="examples":
    KUBESHOAL_BENCH='{{ folder }}' cargo bench --locked --bench stages

# What it costs to hold objects against policies
bench-policies folder:
    KUBESHOAL_BENCH_POLICIES='{{ folder }}' cargo bench --locked --bench policies

# Look for panics in `parse`, `lint`, `fix` or `schema` (needs cargo-fuzz and a nightly toolchain)
fuzz target="lint" seconds="60":
    cargo +nightly fuzz run {{ target }} -- -max_total_time={{ seconds }}
