use super::{Change, Value, add_item, apply, insert, insert_first, put_in_place, remove, replace, set};
use crate::source::SourceId;
use crate::yaml::{NodeRef, changes_only, parse};

/// The text after a change of the node at a path, if there is one; that it means the same elsewhere is asserted.
fn changed<'a>(text: &str, path: &str, make: impl FnOnce(NodeRef<'_>) -> Option<Change> + 'a) -> Option<String> {
    let old = parse(SourceId(0), text.into());
    assert!(old.errors().is_empty(), "{text}");
    let root = old.documents().next().and_then(|document| document.root).expect("there is a document");
    let node = if path.is_empty() { root } else { root.at(path).unwrap_or_else(|| panic!("no {path} in {text}")) };
    let change = make(node)?;
    let changed = apply(text, &[&change.edit]);
    let new = parse(SourceId(0), changed.as_str().into());
    assert!(changes_only(&old, &new, &[&change.edit]), "more than {path} is changed:\n{changed}");
    Some(changed)
}

fn removed(text: &str, path: &str) -> Option<String> {
    changed(text, path, remove)
}

#[test]
fn an_entry_goes_with_its_lines() {
    for (text, path, expected) in [
        ("a: 1\nb: 2\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\r\nb: 2\r\nc: 3\r\n", "b", "a: 1\r\nc: 3\r\n"),
        ("a: 1\nb: 2", "b", "a: 1"),
        ("a: 1\r\nb: 2", "b", "a: 1"),
        ("a: 1\n\n\nb: 2", "b", "a: 1"),
        ("a: |-\n  x\n\nb: 2", "b", "a: |-\n  x"),
        ("a: >\n  x\n\nb: 2", "b", "a: >\n  x\n\n"),
        ("a: |+\n  x\n\nb: 2", "b", "a: |+\n  x\n\n"),
        ("a: 1\nb:\n  c: 2\n  d:\n  - 3\ne: 4\n", "b", "a: 1\ne: 4\n"),
        ("a: 1\nb: |\n  x\n  y\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\nb: {x: 1,\n    y: 2}\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("a: 1\n\nb: 2\n\nc: 3\n", "b", "a: 1\n\nc: 3\n"),
        ("\u{feff}a: 1\nb: 2\n", "a", "\u{feff}b: 2\n"),
        ("- a: 1\n  b: 2\n- c: 3\n", "[0].a", "- b: 2\n- c: 3\n"),
        ("- # first -\n  a: 1\n- # second -\n\n  b: 2\n", "[1]", "- # first -\n  a: 1\n"),
        ("a: 1\nb:\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("é: ü\nb: ü\nc: é\n", "b", "é: ü\nc: é\n"),
        ("x: {a: 1, b: 2, c: 3}\n", "x.a", "x: {b: 2, c: 3}\n"),
        ("x: {a: 1, b: 2, c: 3}\n", "x.c", "x: {a: 1, b: 2}\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "a", "{\n  \"b\": 2\n}\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", "{\n  \"a\": 1\n}\n"),
        ("{\n\t\"a\": 1,\n\t\"b\": [2]\n}", "b", "{\n\t\"a\": 1\n}"),
    ] {
        assert_eq!(removed(text, path).as_deref(), Some(expected), "{path} of {text}");
    }
}

#[test]
fn an_item_goes_with_its_dash() {
    for (text, path, expected) in [
        ("a:\n- 1\n- 2\n", "a[0]", "a:\n- 2\n"),
        ("a:\n  - x: 1\n    y: 2\n  - x: 3\n", "a[0]", "a:\n  - x: 3\n"),
        ("a:\n  - x: 1\n    y: 2\n  - x: 3", "a[1]", "a:\n  - x: 1\n    y: 2"),
        ("a:\n-\n  x: 1\n-\n  x: 2\n", "a[0]", "a:\n-\n  x: 2\n"),
        ("a: [1, 2, 3]\n", "a[1]", "a: [1, 3]\n"),
    ] {
        assert_eq!(removed(text, path).as_deref(), Some(expected), "{path} of {text}");
    }
}

#[test]
fn the_last_one_takes_its_key_along() {
    for (text, path, expected) in [
        ("a:\n- 1\nb: 2\n", "a[0]", Some("b: 2\n")),
        ("a:\n  b:\n    c: 1\nd: 2\n", "a.b.c", Some("d: 2\n")),
        ("x: {a: {b: 1}, c: 2}\n", "x.a.b", Some("x: {c: 2}\n")),
        ("- a: 1\n- b: 2\n", "[0].a", None),
        ("a: 1\n", "a", None),
    ] {
        assert_eq!(removed(text, path).as_deref(), expected, "{path} of {text}");
    }
}

#[test]
fn comments_that_go_are_told() {
    for (text, path, expected, takes_comment) in [
        ("a: 1\n# on b\n# too\nb: 2\nc: 3\n", "b", "a: 1\nc: 3\n", true),
        ("a: 1\nb: 2 # on b\nc: 3\n", "b", "a: 1\nc: 3\n", true),
        ("a: 1\nb:\n  x: 2\n  # y: 3\nc: 3\n", "b", "a: 1\nc: 3\n", true),
        ("a: 1\n# of a\n\nb: 2\n# on c\nc: 3\n", "b", "a: 1\n# of a\n\n# on c\nc: 3\n", false),
    ] {
        let told = changed(text, path, |node| {
            let change = remove(node)?;
            assert_eq!(change.takes_comment, takes_comment, "{path} of {text}");
            Some(change)
        });
        assert_eq!(told.as_deref(), Some(expected));
    }
}

#[test]
fn what_is_shared_stays() {
    for (text, path) in [
        ("a: &x {b: 1, c: 2}\nd: *x\n", "a.b"),
        ("a: &x {b: 1, c: 2}\nd: *x\n", "d.b"),
        ("a: &x {b: 1, c: 2}\nd: *x\n", "a"),
        ("a: &x\n  b: 1\n  c: 2\nd:\n  <<: *x\n  e: 1\n", "d.b"),
        ("a: &x\n  b: 1\n  c: 2\nd:\n  <<: *x\n  e: 1\n", "d.e"),
        ("a:\n  b: &x 1\n  c: 2\nd: *x\n", "a.b"),
    ] {
        assert_eq!(removed(text, path), None, "{path} of {text}");
    }
    let replaced = changed("a: &x 1\nb: *x\n", "b", |node| replace(node, "2"));
    assert_eq!(replaced, None);
}

#[test]
fn a_scalar_keeps_its_quotes() {
    for (text, new, expected) in [
        ("a: b # c\n", "d", Some("a: d # c\n")),
        ("a: b\n", "yes", Some("a: \"yes\"\n")),
        ("a: 1\n", "2", Some("a: \"2\"\n")),
        ("a: 512\n", "512Mi", Some("a: 512Mi\n")),
        ("a: 'b'\n", "d", Some("a: 'd'\n")),
        ("a: \"b\"\n", "d e", Some("a: \"d e\"\n")),
        ("a: 'b'\n", "it's", None),
        ("a: |\n  b\n", "c", None),
        ("{\"a\": \"b\"}", "d", Some("{\"a\": \"d\"}")),
    ] {
        assert_eq!(changed(text, "a", |node| replace(node, new)).as_deref(), expected, "{text}");
    }
}

#[test]
fn an_entry_comes_in_the_style_of_its_siblings() {
    let nested = Value::Mapping(&[("type", Value::Str("Recreate"))]);
    for (text, path, after, expected) in [
        ("s:\n  a: 1\n  b: 2\n", "s", "a", "s:\n  a: 1\n  new:\n    type: Recreate\n  b: 2\n"),
        ("s:\n  a: 1 # c\n  # on b\n  b: 2\n", "s", "a", "s:\n  a: 1 # c\n  new:\n    type: Recreate\n  # on b\n  b: 2\n"),
        ("s:\n    a: 1\n", "s", "z", "s:\n    a: 1\n    new:\n        type: Recreate\n"),
        ("s:\r\n  a: 1\r\n  b: 2\r\n", "s", "b", "s:\r\n  a: 1\r\n  b: 2\r\n  new:\r\n    type: Recreate\r\n"),
        ("s:\n  a: 1", "s", "a", "s:\n  a: 1\n  new:\n    type: Recreate"),
        ("s:\n- a: 1\n  b: 2\n", "s[0]", "a", "s:\n- a: 1\n  new:\n    type: Recreate\n  b: 2\n"),
        (
            "s:\n  a:\n    x: 1\n    # y: 2\n  # on b\n  b: 2\n",
            "s",
            "a",
            "s:\n  a:\n    x: 1\n    # y: 2\n  new:\n    type: Recreate\n  # on b\n  b: 2\n",
        ),
        ("s: {a: 1, b: 2}\n", "s", "a", "s: {a: 1, new: {type: Recreate}, b: 2}\n"),
        ("s: {}\n", "s", "a", "s: {new: {type: Recreate}}\n"),
        ("{\"s\": {}}\n", "s", "a", "{\"s\": {\"new\": {\"type\": \"Recreate\"}}}\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "", "b", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"new\": {\"type\": \"Recreate\"}\n}\n"),
    ] {
        assert_eq!(changed(text, path, |node| insert(node, "new", nested, &[after])).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn an_entry_comes_first() {
    for (text, path, expected) in [
        ("s:\n  # on a\n  a: 1\n", "s", "s:\n  # on a\n  k: v\n  a: 1\n"),
        ("- a: 1\n", "[0]", "- k: v\n  a: 1\n"),
        ("s: {a: 1}\n", "s", "s: {k: v, a: 1}\n"),
    ] {
        assert_eq!(changed(text, path, |node| insert_first(node, "k", Value::Str("v"))).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn an_item_comes_like_the_others() {
    let item = Value::Mapping(&[("k", Value::Str("v")), ("w", Value::Word("1"))]);
    for (text, expected) in [
        ("l:\n- a: 1\n  b: 2\nz: 0\n", "l:\n- a: 1\n  b: 2\n- k: v\n  w: 1\nz: 0\n"),
        ("l:\n  - {a: 1}\n", "l:\n  - {a: 1}\n  - {k: v, w: 1}\n"),
        ("l: [{a: 1}]\n", "l: [{a: 1}, {k: v, w: 1}]\n"),
        ("{\"l\": [{\"a\": 1}]}\n", "{\"l\": [{\"a\": 1}, {\"k\": \"v\", \"w\": 1}]}\n"),
    ] {
        assert_eq!(changed(text, "l", |node| add_item(node, None, item)).as_deref(), Some(expected), "{text}");
    }
    let list = changed("s:\n  c:\n    - 1\n", "s", |node| insert(node, "l", Value::List(&[item]), &[]));
    assert_eq!(list.as_deref(), Some("s:\n  c:\n    - 1\n  l:\n    - k: v\n      w: 1\n"));
}

#[test]
fn a_value_is_set_where_there_is_one() {
    for (text, expected) in [
        ("s:\n  a: 1 # c\n", Some("s:\n  a: 7 # c\n")),
        ("s:\n  a: \"1\"\n", Some("s:\n  a: 7\n")),
        ("s:\n  a:\n  b: 2\n", Some("s:\n  a: 7\n  b: 2\n")),
        ("s:\n  a: {x: 1}\n", Some("s:\n  a: 7\n")),
        ("s:\n  b: 2\n", Some("s:\n  b: 2\n  a: 7\n")),
        ("s:\n  a: 1\n  a: 2\n", None),
    ] {
        assert_eq!(changed(text, "s", |node| set(node, "a", Value::Word("7"), &[])).as_deref(), expected, "{text}");
    }
    let other = changed("s: {min: 1}\n", "s", |node| put_in_place(node, "min", "max", Value::Word("1")));
    assert_eq!(other.as_deref(), Some("s: {max: 1}\n"));
}
