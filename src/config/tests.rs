use super::*;

/// `line:column message` of every mistake, the help behind it.
fn mistakes(text: &str) -> Vec<String> {
    let errors = read(".kubeshoal.yaml", text).expect_err("the config has mistakes");
    let help = |help: Option<String>| help.map_or(String::new(), |help| format!(" ({help})"));
    errors.into_iter().map(|error| format!("{}:{} {}{}", error.line, error.column, error.message, help(error.help))).collect()
}
