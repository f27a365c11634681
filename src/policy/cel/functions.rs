//! The functions that expressions may call, and since which version of Kubernetes.
//!
//! What a `ValidatingAdmissionPolicy` may call is fixed in
//! <https://github.com/kubernetes/apiserver/blob/master/pkg/cel/environment/base.go>: CEL's standard library, a part of cel-go's extensions
//! and Kubernetes' own libraries, each from some version on.

#![expect(clippy::unnecessary_wraps, reason = "all functions are called in one way, those that can't fail too")]

mod convert;
mod instants;
mod lists;
mod names;
mod strings;
mod values;

use super::Environment;
use super::eval::Evaluation;
use super::value::{Eval, Value};
use crate::finding::did_you_mean;

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::policy) enum Style {
    /// `f(x)`, or `names.f(x)` where the name has a dot.
    Global,
    /// `x.f()`; the receiver counts as an argument.
    Member,
}

/// What is done at a call; `NoOverload` for arguments of other types.
pub(in crate::policy) type Call = for<'t> fn(&mut Evaluation<'t>, &[Value<'t>]) -> Eval<'t>;

/// One overload of a function.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Function {
    pub(in crate::policy) name: &'static str,
    pub(super) style: Style,
    /// The types of its arguments, alternatives divided by `|`.
    pub(super) takes: &'static [&'static str],
    pub(super) gives: &'static str,
    /// The minor version of Kubernetes whose expressions may use it first.
    since: u32,
    pub(super) call: Call,
}

const fn global(name: &'static str, takes: &'static [&'static str], gives: &'static str, call: Call) -> Function {
    Function { name, style: Style::Global, takes, gives, since: 0, call }
}

/// A function of the short form about the graph: of an object to a list of others.
pub(in crate::policy) const fn member_of_graph(name: &'static str, call: Call) -> Function {
    global(name, &["dyn"], "list", call)
}

const fn member(name: &'static str, takes: &'static [&'static str], gives: &'static str, call: Call) -> Function {
    Function { name, style: Style::Member, takes, gives, since: 0, call }
}

impl Function {
    const fn since(self, minor: u32) -> Self {
        Function { since: minor, ..self }
    }
}

const ORDERED: &str = "int|uint|double|bool|duration|timestamp|string|bytes";

/// All functions; overloads of one name, style and number of arguments stand together.
static FUNCTIONS: &[Function] = &[
    // CEL's standard library.
    global("bool", &["bool|string"], "bool", convert::to_bool),
    global("bytes", &["bytes|string"], "bytes", convert::to_bytes),
    global("double", &["double|int|uint|string"], "double", convert::to_double),
    global("duration", &["duration|string|int"], "duration", convert::to_duration),
    global("dyn", &["dyn"], "dyn", convert::to_dyn),
    global("int", &["int|uint|double|string|timestamp|duration"], "int", convert::to_int),
    global("string", &["string|bool|int|uint|double|bytes|timestamp|duration|net.IP|net.CIDR"], "string", convert::to_string),
    global("timestamp", &["timestamp|string|int"], "timestamp", convert::to_timestamp),
    global("type", &["dyn"], "type", convert::to_type),
    global("uint", &["uint|int|double|string"], "uint", convert::to_uint),
    global("size", &["string|bytes|list|map"], "int", lists::size),
    member("size", &["string|bytes|list|map"], "int", lists::size),
    global("matches", &["string", "string"], "bool", strings::matches),
    member("matches", &["string", "string"], "bool", strings::matches),
    member("contains", &["string", "string"], "bool", strings::contains),
    member("startsWith", &["string", "string"], "bool", strings::starts_with),
    member("endsWith", &["string", "string"], "bool", strings::ends_with),
    member("getFullYear", &["timestamp"], "int", instants::full_year),
    member("getFullYear", &["timestamp", "string"], "int", instants::full_year),
    member("getMonth", &["timestamp"], "int", instants::month),
    member("getMonth", &["timestamp", "string"], "int", instants::month),
    member("getDate", &["timestamp"], "int", instants::date),
    member("getDate", &["timestamp", "string"], "int", instants::date),
    member("getDayOfMonth", &["timestamp"], "int", instants::day_of_month),
    member("getDayOfMonth", &["timestamp", "string"], "int", instants::day_of_month),
    member("getDayOfWeek", &["timestamp"], "int", instants::day_of_week),
    member("getDayOfWeek", &["timestamp", "string"], "int", instants::day_of_week),
    member("getDayOfYear", &["timestamp"], "int", instants::day_of_year),
    member("getDayOfYear", &["timestamp", "string"], "int", instants::day_of_year),
    member("getHours", &["timestamp|duration"], "int", instants::hours),
    member("getHours", &["timestamp", "string"], "int", instants::hours),
    member("getMinutes", &["timestamp|duration"], "int", instants::minutes),
    member("getMinutes", &["timestamp", "string"], "int", instants::minutes),
    member("getSeconds", &["timestamp|duration"], "int", instants::seconds),
    member("getSeconds", &["timestamp", "string"], "int", instants::seconds),
    member("getMilliseconds", &["timestamp|duration"], "int", instants::milliseconds),
    member("getMilliseconds", &["timestamp", "string"], "int", instants::milliseconds),
    // cel-go's strings.
    member("charAt", &["string", "int"], "string", strings::char_at),
    member("indexOf", &["string", "string"], "int", strings::index_of),
    member("indexOf", &["list", "dyn"], "int", lists::index_of),
    member("indexOf", &["string", "string", "int"], "int", strings::index_of),
    member("lastIndexOf", &["string", "string"], "int", strings::last_index_of),
    member("lastIndexOf", &["list", "dyn"], "int", lists::last_index_of),
    member("lastIndexOf", &["string", "string", "int"], "int", strings::last_index_of),
    member("join", &["list"], "string", strings::join),
    member("join", &["list", "string"], "string", strings::join),
    member("lowerAscii", &["string"], "string", strings::lower_ascii),
    member("upperAscii", &["string"], "string", strings::upper_ascii),
    member("replace", &["string", "string", "string"], "string", strings::replace),
    member("replace", &["string", "string", "string", "int"], "string", strings::replace),
    member("split", &["string", "string"], "list", strings::split),
    member("split", &["string", "string", "int"], "list", strings::split),
    member("substring", &["string", "int"], "string", strings::substring),
    member("substring", &["string", "int", "int"], "string", strings::substring),
    member("trim", &["string"], "string", strings::trim),
    member("format", &["string", "list"], "string", strings::format).since(29),
    global("strings.quote", &["string"], "string", strings::quote).since(29),
    // Kubernetes' regular expressions.
    member("find", &["string", "string"], "string", strings::find),
    member("findAll", &["string", "string"], "list", strings::find_all),
    member("findAll", &["string", "string", "int"], "list", strings::find_all),
    // Kubernetes' lists.
    member("isSorted", &["list"], "bool", lists::is_sorted),
    member("sum", &["list"], "dyn", lists::sum),
    member("min", &["list"], "dyn", lists::min),
    member("max", &["list"], "dyn", lists::max),
    member("includes", &["dyn", "dyn"], "bool", lists::includes).since(37),
    // cel-go's lists.
    member("slice", &["list", "int", "int"], "list", lists::slice).since(34),
    member("flatten", &["list"], "list", lists::flatten).since(34),
    member("flatten", &["list", "int"], "list", lists::flatten).since(34),
    member("sort", &["list"], "list", lists::sort).since(34),
    member("distinct", &["list"], "list", lists::distinct).since(34),
    member("reverse", &["list"], "list", lists::reverse).since(34),
    global("lists.range", &["int"], "list", lists::range).since(34),
    // cel-go's sets.
    global("sets.contains", &["list", "list"], "bool", lists::set_contains).since(29),
    global("sets.equivalent", &["list", "list"], "bool", lists::set_equivalent).since(29),
    global("sets.intersects", &["list", "list"], "bool", lists::set_intersects).since(29),
    // Optional values.
    global("optional.none", &[], "optional", values::none).since(28),
    global("optional.of", &["dyn"], "optional", values::of).since(28),
    global("optional.ofNonZeroValue", &["dyn"], "optional", values::of_non_zero).since(28),
    member("hasValue", &["optional"], "bool", values::has_value).since(28),
    member("value", &["optional"], "dyn", values::value).since(28),
    member("or", &["optional", "optional"], "optional", values::or).since(28),
    member("orValue", &["optional", "dyn"], "dyn", values::or_value).since(28),
    // Kubernetes' URLs.
    global("url", &["string"], "url", names::url),
    global("isURL", &["string"], "bool", names::is_url),
    member("getScheme", &["url"], "string", names::scheme),
    member("getHost", &["url"], "string", names::host),
    member("getHostname", &["url"], "string", names::hostname),
    member("getPort", &["url"], "string", names::port),
    member("getEscapedPath", &["url"], "string", names::escaped_path),
    member("getQuery", &["url"], "map", names::query),
    // Kubernetes' quantities, and what versions share with them.
    global("quantity", &["string"], "quantity", values::quantity).since(28),
    global("isQuantity", &["string"], "bool", values::is_quantity).since(28),
    global("sign", &["quantity"], "int", values::sign).since(28),
    member("isInteger", &["quantity"], "bool", values::is_integer).since(28),
    member("asInteger", &["quantity"], "int", values::as_integer).since(28),
    member("asApproximateFloat", &["quantity"], "double", values::as_float).since(28),
    member("add", &["quantity", "quantity|int"], "quantity", values::add).since(28),
    member("sub", &["quantity", "quantity|int"], "quantity", values::sub).since(28),
    member("isGreaterThan", &["quantity|semver", "quantity|semver"], "bool", values::is_greater).since(28),
    member("isLessThan", &["quantity|semver", "quantity|semver"], "bool", values::is_less).since(28),
    member("compareTo", &["quantity|semver", "quantity|semver"], "int", values::compare_to).since(28),
    global("semver", &["string"], "semver", values::semver).since(33),
    global("semver", &["string", "bool"], "semver", values::semver).since(33),
    global("isSemver", &["string"], "bool", values::is_semver).since(33),
    global("isSemver", &["string", "bool"], "bool", values::is_semver).since(33),
    member("major", &["semver"], "int", values::major).since(33),
    member("minor", &["semver"], "int", values::minor).since(33),
    member("patch", &["semver"], "int", values::patch).since(33),
    // Kubernetes' networks.
    global("ip", &["string"], "net.IP", names::ip).since(30),
    global("isIP", &["string"], "bool", names::is_ip).since(30),
    global("ip.isCanonical", &["string"], "bool", names::is_canonical).since(30),
    member("family", &["net.IP"], "int", names::family).since(30),
    member("isUnspecified", &["net.IP"], "bool", names::is_unspecified).since(30),
    member("isLoopback", &["net.IP"], "bool", names::is_loopback).since(30),
    member("isLinkLocalMulticast", &["net.IP"], "bool", names::is_link_local_multicast).since(30),
    member("isLinkLocalUnicast", &["net.IP"], "bool", names::is_link_local_unicast).since(30),
    member("isGlobalUnicast", &["net.IP"], "bool", names::is_global_unicast).since(30),
    global("cidr", &["string"], "net.CIDR", names::cidr).since(30),
    global("isCIDR", &["string"], "bool", names::is_cidr).since(30),
    member("ip", &["net.CIDR"], "net.IP", names::network_ip).since(30),
    member("masked", &["net.CIDR"], "net.CIDR", names::masked).since(30),
    member("prefixLength", &["net.CIDR"], "int", names::prefix_length).since(30),
    member("containsIP", &["net.CIDR", "net.IP|string"], "bool", names::contains_ip).since(30),
    member("containsCIDR", &["net.CIDR", "net.CIDR|string"], "bool", names::contains_cidr).since(30),
    // Kubernetes' formats.
    global("format.named", &["string"], "optional", names::named_format).since(31),
    member("validate", &["format", "string"], "optional", names::validate).since(31),
    global("format.dns1123Label", &[], "format", names::format::<0>).since(31),
    global("format.dns1123Subdomain", &[], "format", names::format::<1>).since(31),
    global("format.dns1035Label", &[], "format", names::format::<2>).since(31),
    global("format.qualifiedName", &[], "format", names::format::<3>).since(31),
    global("format.dns1123LabelPrefix", &[], "format", names::format::<4>).since(31),
    global("format.dns1123SubdomainPrefix", &[], "format", names::format::<5>).since(31),
    global("format.dns1035LabelPrefix", &[], "format", names::format::<6>).since(31),
    global("format.labelValue", &[], "format", names::format::<7>).since(31),
    global("format.uri", &[], "format", names::format::<8>).since(31),
    global("format.uuid", &[], "format", names::format::<9>).since(31),
    global("format.byte", &[], "format", names::format::<10>).since(31),
    global("format.date", &[], "format", names::format::<11>).since(31),
    global("format.datetime", &[], "format", names::format::<12>).since(31),
    // The authorizer, which no file can stand for.
    member("path", &["authorizer", "string"], "authorizer", values::asks_cluster).since(27),
    member("group", &["authorizer", "string"], "authorizer", values::asks_cluster).since(27),
    member("serviceAccount", &["authorizer", "string", "string"], "authorizer", values::asks_cluster).since(27),
    member("resource", &["authorizer", "string"], "authorizer", values::asks_cluster).since(27),
    member("subresource", &["authorizer", "string"], "authorizer", values::asks_cluster).since(27),
    member("namespace", &["authorizer", "string"], "authorizer", values::asks_cluster).since(27),
    member("name", &["authorizer", "string"], "authorizer", values::asks_cluster).since(27),
    member("fieldSelector", &["authorizer", "string"], "authorizer", values::asks_cluster).since(31),
    member("labelSelector", &["authorizer", "string"], "authorizer", values::asks_cluster).since(31),
    member("check", &["authorizer", "string"], "authorizer", values::asks_cluster).since(27),
    member("allowed", &["authorizer"], "bool", values::asks_cluster).since(27),
    member("reason", &["authorizer"], "string", values::asks_cluster).since(27),
    member("errored", &["authorizer"], "bool", values::asks_cluster).since(28),
    member("error", &["authorizer"], "string", values::asks_cluster).since(28),
];

/// Functions that CEL has elsewhere, and that policies may not use.
const ELSEWHERE: [&str; 3] = ["base64.", "math.", "cel."];

/// What is wrong with a call.
pub(super) struct Unknown {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// The overloads that a call of that name, style and number of arguments may mean.
pub(super) fn find(name: &str, style: Style, count: usize, environment: &Environment<'_>) -> Result<&'static [Function], Unknown> {
    let all = [environment.extensions, FUNCTIONS];
    let fits = |function: &Function| function.name == name && function.style == style && function.takes.len() == count;
    for functions in all {
        let Some(start) = functions.iter().position(fits) else { continue };
        let length = functions[start..].iter().take_while(|function| fits(function)).count();
        let overloads = &functions[start..start + length];
        let newest = environment.newest_function();
        return match overloads.iter().map(|function| function.since).min() {
            Some(since) if since > newest => Err(Unknown { message: too_new(name, since, newest), help: None }),
            _ => Ok(overloads),
        };
    }
    Err(unknown(name, style, count, all.into_iter().flatten()))
}

/// What is said of a function that the named cluster's expressions may not use yet.
pub(super) fn too_new(name: &str, since: u32, newest: u32) -> String {
    let rest = format!("expressions may use it from Kubernetes 1.{} on", since + 1);
    format!("`{name}` is too new for 1.{}: {rest}", newest + 1)
}

fn unknown<'f>(name: &str, style: Style, count: usize, all: impl Iterator<Item = &'f Function> + Clone) -> Unknown {
    let own = |style: Style| usize::from(style == Style::Member);
    let counts: Vec<String> = {
        let mut counts: Vec<usize> = all
            .clone()
            .filter(|function| function.name == name && function.style == style)
            .map(|function| function.takes.len() - own(style))
            .collect();
        counts.dedup();
        counts.iter().map(usize::to_string).collect()
    };
    if !counts.is_empty() {
        let plural = if counts == ["1"] { "argument" } else { "arguments" };
        let message = format!("`{name}` takes {} {plural}, and not {}", counts.join(" or "), count - own(style));
        return Unknown { message, help: None };
    }
    if let Some(other) = all.clone().find(|function| function.name == name) {
        let help = match other.style {
            Style::Global => format!("write `{name}(x)`"),
            Style::Member => format!("write `x.{name}()`"),
        };
        return Unknown { message: format!("`{name}` is not called in this way"), help: Some(help) };
    }
    let help = did_you_mean(name, all.map(|function| function.name));
    if ELSEWHERE.iter().any(|prefix| name.starts_with(prefix)) {
        return Unknown { message: format!("`{name}` is a function of CEL that the API server does not offer to policies"), help };
    }
    Unknown { message: format!("there is no function `{name}` in expressions of policies"), help }
}

/// Whether functions have that name before their dot.
pub(super) fn is_namespace(name: &str, environment: &Environment<'_>) -> bool {
    let mut all = FUNCTIONS.iter().chain(environment.extensions).map(|function| function.name);
    let is_before_dot = |known: &str| known.split_once('.').is_some_and(|(before, _)| before == name);
    all.any(is_before_dot) || ELSEWHERE.contains(&format!("{name}.").as_str())
}

/// Whether a value is of one of the types, divided by `|`, that a function takes.
pub(super) fn takes(types: &str, type_name: &str) -> bool {
    types == "dyn" || type_name == "dyn" || types.split('|').any(|one| one == type_name)
}

/// The name of each function, whether it has a receiver, and how many arguments it has with that.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = (&'static str, bool, usize)> {
    FUNCTIONS.iter().map(|function| (function.name, function.style == Style::Member, function.takes.len()))
}

pub(super) const ORDERED_TYPES: &str = ORDERED;
