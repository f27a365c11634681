//! Functions on URLs, addresses, networks and the forms of names.

use std::rc::Rc;

use super::super::Stop;
use super::super::eval::Evaluation;
use super::super::network::{Address, Network};
use super::super::operators::shown;
use super::super::time::Time;
use super::super::url::Url;
use super::super::value::{Data, Eval, Text, Value};
use crate::resource::{is_dns_1035_label, is_dns_label, is_dns_subdomain, is_label_value, is_qualified_name};

fn text<'a>(args: &'a [Value<'_>], index: usize) -> Result<&'a str, Stop> {
    args.get(index).and_then(Value::str).ok_or(Stop::NoOverload)
}

fn as_url<'a>(args: &'a [Value<'_>]) -> Result<&'a Url, Stop> {
    match &args[0].data {
        Data::Url(url) => Ok(url),
        _ => Err(Stop::NoOverload),
    }
}

fn made<'t>(args: &[Value<'t>], text: impl Into<String>) -> Eval<'t> {
    Ok(Value { origin: args[0].origin, ..text.into().into() })
}

pub(super) fn url<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?;
    eval.meter.take_text(text.len())?;
    let url = Url::parse(text).ok_or_else(|| Stop::Error(format!("URL parse error during conversion from string: {}", shown(&args[0]))))?;
    Ok(Value { data: Data::Url(Rc::new(url)), origin: args[0].origin })
}

pub(super) fn is_url<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?;
    eval.meter.take_text(text.len())?;
    Ok(Url::parse(text).is_some().into())
}

pub(super) fn scheme<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    made(args, &*as_url(args)?.scheme)
}

pub(super) fn host<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    made(args, &*as_url(args)?.host)
}

pub(super) fn hostname<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    made(args, as_url(args)?.hostname())
}

pub(super) fn port<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    made(args, as_url(args)?.port())
}

pub(super) fn escaped_path<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    made(args, as_url(args)?.escaped_path())
}

pub(super) fn query<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let url = as_url(args)?;
    // Each pair is compared with those before it.
    eval.meter.take_text(url.text.len().saturating_mul(url.text.len() / 10 + 1))?;
    let list = |values: Vec<String>| values.into_iter().map(Value::from).collect::<Vec<_>>().into();
    Ok(Value::map(url.query().into_iter().map(|(key, values)| (Value::from(key), list(values))).collect()))
}

fn address(value: &Value<'_>) -> Result<Address, Stop> {
    match &value.data {
        Data::Address(address) => Ok(*address),
        Data::Str(text) => read_address(text),
        _ => Err(Stop::NoOverload),
    }
}

fn read_address(text: &Text<'_>) -> Result<Address, Stop> {
    let text = text.as_str();
    Address::parse(text).ok_or_else(|| Stop::Error(format!("IP Address \"{text}\" parse error during conversion from string")))
}

fn receiver(args: &[Value<'_>]) -> Result<Address, Stop> {
    match &args[0].data {
        Data::Address(address) => Ok(*address),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn ip<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    text(args, 0)?;
    Ok(Value { data: Data::Address(address(&args[0])?), origin: args[0].origin })
}

pub(super) fn is_ip<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(Address::parse(text(args, 0)?).is_some().into())
}

pub(super) fn is_canonical<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?;
    Ok((address(&args[0])?.0.to_string() == text).into())
}

pub(super) fn family<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(receiver(args)?.family().into())
}

pub(super) fn is_unspecified<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(receiver(args)?.0.is_unspecified().into())
}

pub(super) fn is_loopback<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(receiver(args)?.0.is_loopback().into())
}

pub(super) fn is_link_local_multicast<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(receiver(args)?.is_link_local_multicast().into())
}

pub(super) fn is_link_local_unicast<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(receiver(args)?.is_link_local_unicast().into())
}

pub(super) fn is_global_unicast<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(receiver(args)?.is_global_unicast().into())
}

fn network(value: &Value<'_>) -> Result<Network, Stop> {
    match &value.data {
        Data::Network(network) => Ok(*network),
        Data::Str(text) => {
            let refused = || Stop::Error(format!("network address parse error during conversion from string: \"{}\"", text.as_str()));
            Network::parse(text.as_str()).ok_or_else(refused)
        }
        _ => Err(Stop::NoOverload),
    }
}

fn own_network(args: &[Value<'_>]) -> Result<Network, Stop> {
    match &args[0].data {
        Data::Network(network) => Ok(*network),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn cidr<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    text(args, 0)?;
    Ok(Value { data: Data::Network(network(&args[0])?), origin: args[0].origin })
}

pub(super) fn is_cidr<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(Network::parse(text(args, 0)?).is_some().into())
}

pub(super) fn network_ip<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(Data::Address(own_network(args)?.address).into())
}

pub(super) fn masked<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(Data::Network(own_network(args)?.masked()).into())
}

pub(super) fn prefix_length<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(i64::from(own_network(args)?.prefix).into())
}

pub(super) fn contains_ip<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(own_network(args)?.contains(address(&args[1])?).into())
}

pub(super) fn contains_cidr<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(own_network(args)?.contains_network(network(&args[1])?).into())
}

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an \
                     alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end \
                         with an alphanumeric character (e.g. 'example.com', regex used for validation is \
                         '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and \
                          end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is \
                          '[a-z]([-a-z0-9]*[a-z0-9])?')";

struct Form {
    name: &'static str,
    /// The longest text that can have it.
    longest: usize,
    fits: fn(&str) -> bool,
    message: &'static str,
}

/// By the numbers that the table of functions gives them.
static FORMS: [Form; 13] = [
    Form { name: "dns1123Label", longest: 63, fits: is_dns_label, message: LABEL },
    Form { name: "dns1123Subdomain", longest: 253, fits: is_dns_subdomain, message: SUBDOMAIN },
    Form { name: "dns1035Label", longest: 63, fits: is_dns_1035_label, message: LABEL_1035 },
    Form {
        name: "qualifiedName",
        longest: 317,
        fits: is_qualified_name,
        message: "name part must be a name, with an optional domain and '/' before it",
    },
    Form { name: "dns1123LabelPrefix", longest: 63, fits: |text| is_dns_label(&filled(text)), message: LABEL },
    Form { name: "dns1123SubdomainPrefix", longest: 253, fits: |text| is_dns_subdomain(&filled(text)), message: SUBDOMAIN },
    Form { name: "dns1035LabelPrefix", longest: 63, fits: |text| is_dns_1035_label(&filled(text)), message: LABEL_1035 },
    Form {
        name: "labelValue",
        longest: 63,
        fits: is_label_value,
        message: "a valid label must be empty or a name of alphanumeric characters, '-', '_' or '.'",
    },
    Form { name: "uri", longest: usize::MAX, fits: |text| Url::parse(text).is_some(), message: "invalid URI for request" },
    Form { name: "uuid", longest: 36, fits: is_uuid, message: "does not match the UUID format" },
    Form { name: "byte", longest: usize::MAX, fits: is_base64, message: "invalid base64" },
    Form { name: "date", longest: 10, fits: |text| Time::parse(&format!("{text}T00:00:00Z")).is_some(), message: "invalid date" },
    Form { name: "datetime", longest: 64, fits: |text| Time::parse(text).is_some(), message: "invalid datetime" },
];

/// What Kubernetes makes of a prefix before it judges it: a dash at its end stands for what follows.
fn filled(prefix: &str) -> String {
    match prefix.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => format!("{rest}a"),
        _ => prefix.to_owned(),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (lengths.eq([8, 4, 4, 4, 12]) && text.split('-').all(is_hex)) || (text.len() == 32 && is_hex(text))
}

fn is_base64(text: &str) -> bool {
    let inner = text.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len().is_multiple_of(4) && text.len() - inner.len() <= 2 && inner.bytes().all(is_digit) && !text.is_empty()
}

/// The format of that number.
pub(super) fn format<'t, const NUMBER: usize>(_: &mut Evaluation<'t>, _: &[Value<'t>]) -> Eval<'t> {
    Ok(Data::Format(FORMS[NUMBER].name).into())
}

pub(super) fn named_format<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let name = text(args, 0)?;
    Ok(FORMS.iter().find(|form| form.name == name).map_or_else(Value::none, |form| Value::some(Data::Format(form.name).into())))
}

pub(super) fn validate<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let Data::Format(name) = args[0].data else { return Err(Stop::NoOverload) };
    let text = text(args, 1)?;
    eval.meter.take_text(text.len())?;
    let Some(form) = FORMS.iter().find(|form| form.name == name) else { return Err(Stop::NoOverload) };
    if (form.fits)(text) {
        return Ok(Value::none());
    }
    let message = if text.len() > form.longest { format!("must be no more than {} bytes", form.longest) } else { form.message.into() };
    Ok(Value::some(vec![Value::from(message)].into()))
}
