//! What migrates a database.

use super::{Container, ImageReference, find_words, lists};
use crate::finding::Place;

const MIGRATIONS: &str = include_str!("data/migrations.txt");

impl<'t> Container<'t> {
    /// Where it says that it migrates a database: in a command, or by an image that is made for it.
    pub fn migration(&self) -> Option<Place<'t>> {
        let script = self.script();
        let in_command = || {
            script.commands().filter(|(_, command)| !is_harmless(command)).find_map(|(start, command)| {
                let phrase = phrases().filter_map(|phrase| find_words(command, phrase)).min_by_key(|range| range.start)?;
                script.place(start + phrase.start..start + phrase.end)
            })
        };
        let by_image = || migrating_image(self).filter(|_| !script.commands().any(|(_, command)| is_harmless(command)));
        in_command().or_else(by_image)
    }
}

/// The last part of an image's name, where it is that of a tool or ends like one.
fn migrating_image<'t>(container: &Container<'t>) -> Option<Place<'t>> {
    let node = container.image()?;
    let ImageReference { name, .. } = container.image_reference()?;
    let start = name.rfind('/').map_or(0, |slash| slash + 1);
    let tool = &name[start..];
    let is_made_for_it = phrases().any(|phrase| phrase == tool) || lists::part(MIGRATIONS, "image ends").any(|end| tool.ends_with(end));
    is_made_for_it.then(|| Place::part(node, start..name.len()))
}

fn phrases() -> impl Iterator<Item = &'static str> {
    lists::part(MIGRATIONS, "commands")
}

/// Whether a command only looks, or waits for what another does.
fn is_harmless(command: &str) -> bool {
    let mut words = command.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ':'));
    words.any(|word| {
        let mut parts = word.split(|letter: char| !letter.is_ascii_alphanumeric());
        let waits = !word.starts_with('-') && parts.any(|part| matches!(part, "wait" | "waiting"));
        waits
            || lists::part(MIGRATIONS, "looks").any(|look| look == word)
            || lists::part(MIGRATIONS, "looking options").any(|option| word.starts_with(option))
    })
}
