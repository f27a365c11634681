//! What the API server refuses in one object, for the rules that hold objects against its validation.

use std::fmt::Display;

use super::{
    Resource, is_config_key, is_dns_1035_label, is_dns_label, is_dns_subdomain, is_domain_prefixed_path, is_header_name, is_label_value,
    is_path_segment, is_port_name, is_qualified_name, is_sysctl_name, is_variable_name, is_wildcard_subdomain,
};
use crate::finding::{Finding, Place, Report};
use crate::yaml::NodeRef;

/// Takes what the API server refuses in one object.
#[derive(Debug)]
pub struct Refusals<'r, 't> {
    report: &'r mut Report,
    object: Resource<'t>,
}

impl<'r, 't> Refusals<'r, 't> {
    /// Of that object.
    pub fn new(report: &'r mut Report, object: &Resource<'t>) -> Self {
        Refusals { report, object: *object }
    }

    /// The object.
    pub fn object(&self) -> &Resource<'t> {
        &self.object
    }

    /// Whether the object is all there: what a patch lacks stands elsewhere, and so may what it repeats.
    pub fn is_whole(&self) -> bool {
        !self.object.is_partial() && self.object.node().get("$patch").is_none()
    }

    /// Reports a part that is refused, for that reason.
    pub fn at(&mut self, place: impl Into<Place<'t>>, reason: impl Display) -> &mut Finding {
        self.report.at(place, format!("{reason}; the API server refuses {}", self.object.describe()))
    }

    /// Reports a part that is accepted and does harm.
    pub fn warn_at(&mut self, place: impl Into<Place<'t>>, message: impl Into<String>) -> &mut Finding {
        self.report.at(place, message).warning_if(true)
    }

    /// Reports a part that is accepted as it will be applied.
    pub fn note_at(&mut self, place: impl Into<Place<'t>>, message: impl Into<String>) -> &mut Finding {
        self.report.at(place, message).note()
    }

    /// Reports a number below a bound. What is no number is not judged.
    pub fn check_least(&mut self, parent: NodeRef<'t>, key: &str, least: i64) {
        if let Some(node) = parent.get(key)
            && node.int().is_some_and(|number| number < least)
        {
            self.at(node, format!("{key} is {}, less than {least}", node.text())).help(format!("write {least} or more"));
        }
    }

    /// Reports a text that has not the form it must have: `form` names it, as "a DNS label".
    pub fn check_form(&mut self, node: Option<NodeRef<'t>>, what: &str, form: &Form) -> bool {
        let Some(node) = node else { return true };
        let Some(text) = node.str().filter(|text| !(form.holds)(text)) else { return true };
        let fault =
            if text.is_empty() { format!("{what} is empty, not {}", form.name) } else { format!("{what} `{text}` is not {}", form.name) };
        self.at(node, fault).help(form.help);
        false
    }

    /// The same of a field in which an empty text is no value: where it may not be missing, that is told elsewhere.
    pub fn check_form_if_set(&mut self, node: Option<NodeRef<'t>>, what: &str, form: &Form) -> bool {
        self.check_form(node.filter(|node| node.str() != Some("")), what, form)
    }
}

/// The form of a text.
#[derive(Debug)]
pub struct Form {
    /// What a text of that form is, with an article.
    pub name: &'static str,
    /// What it consists of.
    pub help: &'static str,
    /// Whether a text has it.
    pub holds: fn(&str) -> bool,
}

/// Whether a text looks like something that is replaced before it reaches the API server, so that its form says nothing.
pub fn looks_replaced(text: &str) -> bool {
    text.contains(['$', '{', '<'])
}

impl Form {
    /// What keeps a text from having the form, to go on with behind it: "is not a DNS label". Of what can't be seen the length is told.
    pub fn fault(&self, text: &str) -> Option<String> {
        const LONG: usize = 63;
        let length = || if text.len() > LONG { format!(", having {} characters", text.len()) } else { String::new() };
        (!(self.holds)(text)).then(|| format!("is not {}{}", self.name, length()))
    }

    /// See [`is_dns_label`].
    pub const DNS_LABEL: Form =
        Form { name: "a DNS label", help: "use at most 63 lower-case letters, digits and inner dashes", holds: is_dns_label };
    /// See [`is_dns_1035_label`].
    pub const DNS_1035_LABEL: Form = Form {
        name: "a DNS label that begins with a letter",
        help: "use at most 63 lower-case letters, digits and inner dashes, a letter first",
        holds: is_dns_1035_label,
    };
    /// See [`is_dns_subdomain`].
    pub const DNS_SUBDOMAIN: Form =
        Form { name: "a DNS name", help: "use lower-case letters, digits, inner dashes and dots, at most 253", holds: is_dns_subdomain };
    /// See [`is_wildcard_subdomain`].
    pub const WILDCARD: Form = Form {
        name: "a DNS name that begins with `*.`",
        help: "let the wildcard be the whole first part: *.example.com",
        holds: is_wildcard_subdomain,
    };
    /// See [`is_qualified_name`].
    pub const QUALIFIED_NAME: Form = Form {
        name: "a qualified name",
        help: "use at most 63 letters, digits, `-`, `_` and `.`, with a domain and a slash before them where one is needed",
        holds: is_qualified_name,
    };
    /// See [`is_domain_prefixed_path`].
    pub const DOMAIN_PREFIXED_PATH: Form =
        Form { name: "a domain and a path", help: "write it like example.com/controller", holds: is_domain_prefixed_path };
    /// See [`is_path_segment`].
    pub const PATH_SEGMENT: Form =
        Form { name: "a valid name", help: "leave out `/` and `%`; it may not be `.` or `..`", holds: is_path_segment };
    /// See [`is_port_name`].
    pub const PORT_NAME: Form = Form {
        name: "the name of a port",
        help: "use at most 15 lower-case letters, digits and single inner dashes, with a letter among them; a number is written without quotes",
        holds: is_port_name,
    };
    /// See [`is_qualified_name`].
    pub const LABEL_KEY: Form = Form {
        name: "a label key",
        help: "use at most 63 letters, digits, `-`, `_` and `.`, at both ends a letter or digit; a domain and a slash may stand before them",
        holds: is_qualified_name,
    };
    /// See [`is_label_value`].
    pub const LABEL_VALUE: Form = Form {
        name: "a label value",
        help: "use at most 63 letters, digits, `-`, `_` and `.`, at both ends a letter or digit; annotations take any text",
        holds: is_label_value,
    };
    /// See [`is_variable_name`].
    pub const VARIABLE: Form =
        Form { name: "the name of a variable", help: "use printable ASCII characters other than `=`", holds: is_variable_name };
    /// See [`is_config_key`].
    pub const CONFIG_KEY: Form =
        Form { name: "the key of a ConfigMap or Secret", help: "use at most 253 letters, digits, `-`, `_` and `.`", holds: is_config_key };
    /// See [`is_header_name`].
    pub const HEADER: Form = Form { name: "the name of a header", help: "use letters, digits and `-`", holds: is_header_name };
    /// See [`is_sysctl_name`].
    pub const SYSCTL: Form = Form {
        name: "the name of a sysctl",
        help: "use lower-case letters, digits, `-` and `_`, divided by `.` or `/`",
        holds: is_sysctl_name,
    };
}
