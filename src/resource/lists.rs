//! Lists of what changes with the world: images, tags, commands.
//!
//! A list is a file in `data/` whose first lines say where it comes from and of when it is: one entry a line, `#` before comments, and
//! parts that begin with `[name]`.

/// The entries of a part of a list.
pub fn part<'a>(list: &'static str, name: &'a str) -> impl Iterator<Item = &'static str> + use<'a> {
    let mut is_within = false;
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter(move |line| {
        let heading = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        if let Some(heading) = heading {
            is_within = heading == name;
        }
        is_within && heading.is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_part_ends_where_the_next_begins() {
        let list = "# A header\n[a]\none\n\n# and\ntwo words\n[b]\nthree\n";
        assert_eq!(part(list, "a").collect::<Vec<_>>(), ["one", "two words"]);
        assert_eq!(part(list, "b").collect::<Vec<_>>(), ["three"]);
        assert_eq!(part(list, "c").count(), 0);
    }
}
