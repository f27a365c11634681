use crate::finding::Report;
use crate::resource::is_object;
use crate::yaml::Tree;

pub(super) fn check(tree: &Tree, report: &mut Report) {
    for duplicate in tree.duplicate_keys().filter(|duplicate| is_object(duplicate.mapping.root())) {
        let key = duplicate.second.text();
        report
            .at(duplicate.second, format!("`{key}` is set twice in one mapping; the last value wins and the first is lost"))
            .help("keep one of the two")
            .related(duplicate.first, "set here first");
    }
}
