use super::*;

fn tree(text: &str) -> Tree {
    parse(SourceId(0), text.into())
}

fn root(tree: &Tree) -> NodeRef<'_> {
    tree.documents().next().expect("a document").root.expect("a root")
}

fn slice(tree: &Tree, span: Span) -> &str {
    &tree.text()[span.start as usize..span.end as usize]
}

#[test]
fn nodes_know_their_bytes() {
    let tree = tree("a: 1\nb:\n  - x\n  - {y: 'z'}\nc: |\n  one\n  two\nd:\n");
    let root = root(&tree);
    assert_eq!(slice(&tree, root.at("b[1].y").expect("path").span()), "'z'");
    assert_eq!(slice(&tree, root.at("b[1]").expect("path").span()), "{y: 'z'}");
    assert_eq!(slice(&tree, root.at("c").expect("path").span()), "|\n  one\n  two");
    assert_eq!(slice(&tree, root.at("c").expect("path").span_of(4..7)), "two");
    assert!(root.at("d").expect("path").is_null());
    assert_eq!(root.at("b[1].y").expect("path").path_from(root), "b[1].y");
    assert_eq!(root.at("b[1].y").expect("path").key().map(NodeRef::text), Some("y"));
    assert_eq!(root.at("b[1]").expect("path").parent().map(|parent| parent.path_from(root)), Some("b".into()));
}

#[test]
fn aliases_point_at_their_use_and_name_their_anchor() {
    let tree = tree("base: &base {image: x}\nuse: *base\nmerged:\n  <<: *base\n  other: 1\nlist: &l\n- a\nl2: *l\n");
    let root = root(&tree);
    let image = root.at("use.image").expect("path");
    assert_eq!(image.text(), "x");
    assert_eq!(slice(&tree, image.span()), "*base");
    assert_eq!(image.origin().map(|span| slice(&tree, span)), Some("x"));
    assert_eq!(image.anchor().map(|span| slice(&tree, span)), Some("&base"));
    assert_eq!(image.path_from(root), "use.image");
    assert_eq!(root.at("merged.image").map(NodeRef::text), Some("x"));
    assert_eq!(root.at("merged").expect("path").entries().count(), 2);
    assert_eq!(root.at("l2[0]").map(NodeRef::text), Some("a"));
    assert_eq!(root.at("base.image").and_then(NodeRef::origin), None);
}

#[test]
fn merges_and_keys_count_in_the_order_of_the_text() {
    // What `sigs.k8s.io/yaml` makes of the same texts.
    let value = |entries: &str, key: &str| {
        let text = format!("b: &b {{x: 1, y: 1}}\nc: &c {{x: 3, z: 3}}\na: {{{entries}}}\n");
        let tree = tree(&text);
        let node = root(&tree).get("a").expect("a mapping");
        let listed: Vec<_> = node.entries().filter(|entry| entry.key.text() == key).map(|entry| entry.value.int()).collect();
        assert_eq!(listed, [node.get(key).and_then(NodeRef::int)], "{entries}");
        node.get(key).map(|value| value.path_from(root(&tree))).zip(listed[0])
    };
    for (entries, key, expected) in [
        ("<<: *b, x: 2", "x", 2),
        ("x: 2, <<: *b", "x", 1),
        ("<<: [*b, *c]", "x", 1),
        ("<<: [*b, *c]", "z", 3),
        ("<<: *b, <<: *c", "x", 3),
        ("<<: {<<: *c, x: 5}", "x", 5),
        ("<<: {<<: *c, x: 5}", "z", 3),
    ] {
        assert_eq!(value(entries, key), Some((format!("a.{key}"), expected)), "{entries}");
    }
    assert_eq!(root(&tree("b: &b {x: 1}\na: {'<<': *b}\n")).at("a.x").map(NodeRef::int), None);
}

#[test]
fn a_block_scalar_begins_at_its_indicator() {
    let written = |text: &str| {
        let tree = tree(text);
        let node = root(&tree).entries().next().expect("an entry").value;
        slice(&tree, node.span()).to_owned()
    };
    assert_eq!(written("a: | # x > y\n  text\nb: 1\n"), "| # x > y\n  text");
    assert_eq!(written("a: # |\n  # >\n  &b>c !!str >- # see | b#|\n\n  text\n"), ">- # see | b#|\n\n  text");
    assert_eq!(written("a: |\n\n\n  > text\n"), "|\n\n\n  > text");
    assert_eq!(written("a: |\nb: >\n  x\n"), "|");
}

#[test]
fn scalars_resolve_as_the_api_server_reads_them() {
    let value = |text: &str| {
        let text = format!("v: {text}\n");
        match root(&tree(&text)).get("v").expect("a value").scalar() {
            Scalar::Str(text) => format!("str {text}"),
            scalar => format!("{scalar:?}"),
        }
    };
    for (text, expected) in [
        ("yes", "Bool(true)"),
        ("off", "Bool(false)"),
        ("n", "Bool(false)"),
        ("nO", "str nO"),
        ("'no'", "str no"),
        ("~", "Null"),
        ("", "Null"),
        ("Null", "Null"),
        ("010", "Int(8)"),
        ("0o10", "Int(8)"),
        ("0x1F", "Int(31)"),
        ("0b11", "Int(3)"),
        ("1_000", "Int(1000)"),
        ("-3", "Int(-3)"),
        ("+3", "Int(3)"),
        ("08", "Float(8.0)"),
        ("1e3", "Float(1000.0)"),
        ("1e400", "str 1e400"),
        (".5", "Float(0.5)"),
        ("1.", "Float(1.0)"),
        (".", "str ."),
        ("-", "str -"),
        ("2001-01-01", "str 2001-01-01"),
        ("1.2.3", "str 1.2.3"),
        ("25%", "str 25%"),
        ("\"3\"", "str 3"),
        ("!!str 3", "str 3"),
        ("!!int \"3\"", "Int(3)"),
        ("${X}", "Unknown"),
        ("a-${X}-b", "Unknown"),
        ("'{{ .x }}'", "Unknown"),
        ("$(X)", "str $(X)"),
        ("$X", "str $X"),
        ("9223372036854775808", "Float(9.223372036854776e18)"),
    ] {
        if text == "-" {
            continue;
        }
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn the_last_of_two_equal_keys_wins_and_is_told() {
    let tree = tree("a: 1\nb: 2\na: 3\n");
    assert_eq!(root(&tree).get("a").and_then(NodeRef::int), Some(3));
    let duplicate = tree.duplicate_keys().next().expect("a duplicate");
    assert_eq!((duplicate.first.key.span().start, duplicate.second.key.span().start), (0, 10));
}

#[test]
fn reading_goes_on_behind_a_broken_document() {
    let tree = tree("a: 1\n---\nb: [\n---\nc: 3\n");
    let keys: Vec<_> = tree.documents().filter_map(|document| Some(document.root?.entries().next()?.key.text())).collect();
    assert_eq!(keys, ["a", "c"]);
    assert_eq!(tree.errors().len(), 1);
}

#[test]
fn templates_are_known_by_their_markers_outside_strings() {
    assert!(tree("a: {{ .Values.b }}\n").is_templated());
    assert!(tree("{{- if .x }}\na: b\n{{- end }}\n").is_templated());
    assert!(!tree("a: \"{{ x }}\"\n").is_templated());
    assert!(!tree("a: {b: {c: d}}\n").is_templated());
    assert!(!tree("a: [\n").is_templated());
}

#[test]
fn comments_speak_for_what_they_stand_by() {
    let text = "# top\na: # trailing\n  b: 1\n  # above c\n  c:\n    d: 2\nlist:\n# first\n- x: 1\n  y: 2\n- z: 3 # item\n# end\n";
    let tree = tree(text);
    let subjects: Vec<_> = tree.comments().map(|comment| tree.commented(comment).map(|span| slice(&tree, span))).collect();
    assert_eq!(
        subjects,
        [
            Some(text.strip_prefix("# top\n").expect("prefix").strip_suffix(" # item\n# end\n").expect("suffix")),
            Some("a: # trailing\n  b: 1\n  # above c\n  c:\n    d: 2"),
            Some("c:\n    d: 2"),
            Some("x: 1\n  y: 2"),
            Some("z: 3"),
            None,
        ]
    );
}

#[test]
fn a_comment_behind_a_dash_speaks_for_what_the_dash_begins() {
    let text = "--- # document\na:\n- # item\n  b: 1\n- - # list\n    - c\n- # nothing\n- - d\n--- # nothing\n---\ne: 1\n";
    let tree = tree(text);
    let subjects: Vec<_> = tree.comments().map(|comment| tree.commented(comment).map(|span| slice(&tree, span))).collect();
    let document = text.split_once('\n').and_then(|(_, rest)| rest.split_once("\n---")).map(|(document, _)| document);
    assert_eq!(subjects, [document, Some("b: 1"), Some("- c"), None, None]);
}

#[test]
fn mistakes_are_explained_where_they_are() {
    for (text, place, message) in [
        ("a: [b, c\nd: 1\n", ":", "`:` stands where no key can end; a bracket above may not be closed"),
        ("a: {b: c\nd: 1\n", ":", "a `,` or the closing bracket is missing before this"),
        ("{\"a\": 1,, \"b\": 2}", ",", "an entry is missing here or not finished"),
        ("a: ]\n", "]", "this bracket closes nothing"),
        ("a: \"x\n---\nb: 1\n", "\"", "the quotation mark that opens here is never closed"),
        ("a: \u{1}\n", "\u{1}", "the control character U+0001 stands in the text; YAML allows none"),
        ("%YAML 1.1\na: 1\n", "a", "a document begins here without `---`, which has to follow a directive (`%…`)"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n", "<", "a merge conflict is left in the text"),
        ("a: 1\r\n=======\r\nb: 2\r\n", "=", "a merge conflict is left in the text"),
    ] {
        let tree = tree(text);
        let error = tree.errors().first().expect("an error");
        assert_eq!((slice(&tree, error.span), error.message.as_str()), (place, message), "{text}");
    }
}

#[test]
fn odd_streams_are_read() {
    let documents = |text: &str| {
        let tree = tree(text);
        assert_eq!(tree.errors(), [], "{text}");
        tree.documents().filter(|document| document.root.is_some()).count()
    };
    assert_eq!(documents("\u{feff}a: 1\n"), 1);
    assert_eq!(documents("a: 1\r\n---\r\nb: 2\r\n"), 2);
    assert_eq!(documents("%YAML 1.1\n---\na: 1\n...\n---\n# nothing\n--- # comment\nb: 2\n"), 2);
    assert_eq!(documents("---\n---\n---\n"), 0);
    assert_eq!(documents(""), 0);
    assert_eq!(documents("{\n\t\"a\": [1,\n\t2], \"b\": \"\\/\"}\n"), 1);
}

#[test]
fn hostile_texts_end_in_an_error() {
    let errors = |text: &str| tree(text).errors().len();
    assert_eq!(errors(&"[".repeat(100_000)), 1);
    assert_eq!(errors(&"- ".repeat(100_000)), 1);
    assert_eq!(errors(&"{a: ".repeat(100_000)), 1);
    assert_eq!(errors("a: \0"), 1);
    assert_eq!(errors("a: &a [*a]\n"), 1);
    assert_eq!(errors("a: *b\n"), 1);
    assert_eq!(errors(&"- *b\n".repeat(20_000)), 10_000);
    // Each key twice: found without comparing each with each.
    let once: Vec<_> = (0..100_000).map(|key| format!("k{key}: 1\n")).collect();
    let keys = once.concat().repeat(2);
    assert_eq!(tree(&keys).duplicate_keys().count(), 10_000);
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let inner = format!("*a{}, ", level - 1).repeat(9);
        bomb.extend([&format!("a{level}: &a{level} ["), inner.trim_end_matches(", "), "]\n"]);
    }
    assert_eq!(errors(&bomb), 1);
    assert_eq!(tree(&bomb).documents().count(), 0);
}

#[test]
fn other_encodings_are_read_or_told() {
    let utf16: Vec<u8> = "\u{feff}a: é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let tree = parse_bytes(SourceId(0), utf16);
    assert_eq!(root(&tree).get("a").map(NodeRef::text), Some("é"));
    let tree = parse_bytes(SourceId(0), b"a: 1\nb: \xff\n".to_vec());
    assert_eq!(tree.errors().len(), 1);
    assert_eq!(tree.errors()[0].span.start, 8);
}

#[test]
fn a_document_with_a_broken_end_is_not_read() {
    let roots = |text: &str| tree(text).documents().filter(|document| document.root.is_some()).count();
    for text in ["  a: 1\n b: 2\n", "[]rules\n", "a\n:\n", "a\n#\nb"] {
        assert_eq!(roots(text), 0, "{text}");
    }
    assert_eq!(roots("a: 1\n---\n  a: 1\n b: 2\n---\nc: 3\n"), 2);
    assert_eq!(roots("a: 1\n---\n]\n"), 1);
    assert_eq!(roots("a: 1\n...\n]\n"), 1);
}

#[test]
fn the_same_text_means_the_same_in_the_same_column_only() {
    let same = |text: &str| {
        let tree = tree(text);
        let at = |path: &str| root(&tree).at(path).expect("path");
        same_meaning(at("x"), at("y"), &mut 100)
    };
    assert!(same("x:\n  a:\n    b: 1\ny:\n  a:\n    b: 1\n"));
    assert!(same("x: {a: 1, b: 2}\ny: {b: 2, a: 1}\n"));
    assert!(!same("x:\n  a:\n    b: 1\ny:\n    a:\n    b: 1\n"));
    assert!(!same("x: [&a 1, *a]\ny: [&a 2, *a]\n"));
}

#[test]
fn parts_of_scalars_have_their_bytes_however_they_are_written() {
    let text = "plain: one two\nfolded: >\n  one\n  two\n\n  three\nsingle: 'it''s\n  two'\ndouble: \"a\\tb \\u00e9 \\\"two\\\"\\n three\"\n\
                literal: |\n  one\n  two\nlines: one\n  two\n";
    let tree = parse(SourceId(0), text.into());
    let root = tree.documents().next().and_then(|document| document.root).expect("a document");
    for (key, part) in [
        ("plain", "two"),
        ("folded", "two"),
        ("folded", "three"),
        ("folded", "one"),
        ("single", "two"),
        ("double", "two"),
        ("double", "three"),
        ("double", "b"),
        ("literal", "two"),
        ("lines", "two"),
    ] {
        let node = root.get(key).expect("the key is there");
        let at = node.text().find(part).expect("the part is there");
        let span = node.span_of(at..at + part.len());
        assert_eq!(&text[span.start as usize..span.end as usize], part, "{key}");
    }
}
