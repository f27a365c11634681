use super::{Document, drawing, is_drawing};
use crate::source::Sources;

#[test]
fn what_is_drawn_is_unambiguous() {
    let text = "spec: é\n  a: 1\n b\n";
    let mut sources = Sources::default();
    let id = sources.add("a", text.into());
    let draw = |start: u32, end: u32| drawing(sources.get(id), start, end);
    assert_eq!(draw(0, 4), "#^^^");
    assert_eq!(draw(0, 1), "#@1..2");
    assert_eq!(draw(0, 0), "#@1..1");
    assert_eq!(draw(1, 4), "#@2..5");
    assert_eq!(draw(6, 8), "#     ^");
    assert_eq!(draw(8, 8), "#@8..8");
    assert_eq!(draw(11, 12), "# ^");
    assert_eq!(draw(0, 15), "#@1..+1:7");
    for (start, end) in [(0, 4), (0, 1), (6, 8), (0, 15)] {
        assert!(is_drawing(&draw(start, end)) && is_drawing(&format!("{} message", draw(start, end))));
    }
    for line in ["# a comment", "#", "#  @1", "a: 1 # ^^", "#^a"] {
        assert!(!is_drawing(line), "{line}");
    }
}

#[test]
fn mistakes_of_fences_are_told_by_line() {
    let mistake = |text: &str| Document::read(text).expect_err("it is wrong").line;
    assert_eq!(mistake("# A\n\n```yaml a b\n```\n"), 3);
    assert_eq!(mistake("# A\n\n```yaml\na: 1\n```\n\n```yaml a.txt\n```\n"), 7);
}

#[test]
fn blocks_without_an_end_are_read_to_the_end() {
    let document = Document::read("# A\n\n```yaml\na: 1\n").expect("it is read");
    assert_eq!(document.sets().count(), 1);
}
