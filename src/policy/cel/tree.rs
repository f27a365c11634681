//! A mapping or sequence of a tree as a value, with what the API server would fill in.

use super::Stop;
use super::defaults::Holder;
use super::value::{Data, Eval, Text, Value};
use crate::schema::{Shape, Type};
use crate::yaml::{NodeRef, Scalar};

/// A mapping or sequence, and what its values are read as.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Shadow<'t> {
    pub(in crate::policy) node: NodeRef<'t>,
    /// What it has to look like, where defaults are to be filled in.
    shape: Option<&'static Shape>,
    /// The type of an object as a whole, which no shape names.
    root: Option<&'static Type>,
    /// Whether `${NAME}` in a string stands for something else.
    placeholders: bool,
}

impl<'t> Shadow<'t> {
    /// A node as it is written.
    pub(in crate::policy) fn as_written(node: NodeRef<'t>) -> Self {
        Shadow { node, shape: None, root: None, placeholders: false }
    }

    /// A node of a manifest, in which strings may have placeholders, with the defaults of its type where there is one.
    pub(in crate::policy) fn of_manifest(node: NodeRef<'t>, root: Option<&'static Type>) -> Self {
        Shadow { node, shape: None, root, placeholders: true }
    }

    pub(in crate::policy) fn is_list(&self) -> bool {
        self.node.is_sequence()
    }

    fn fields_type(&self) -> Option<&'static Type> {
        match self.shape {
            Some(Shape::Fields(id)) => Some(id.get()),
            Some(_) => None,
            None => self.root,
        }
    }

    fn shape_of(&self, key: &str) -> Option<&'static Shape> {
        match self.shape {
            Some(Shape::Map(values)) => Some(values),
            _ => self.fields_type()?.field(key).map(|field| &field.shape),
        }
    }

    /// The node as a value: a mapping or sequence as itself, a scalar as what it means.
    fn value(&self, node: NodeRef<'t>, shape: Option<&'static Shape>) -> Eval<'t> {
        let data = match node.scalar() {
            Scalar::None => Data::Node(Shadow { node, shape, root: None, ..*self }),
            // A null among texts by name is decoded as an empty one.
            Scalar::Null if shape == Some(&Shape::Text) => Data::Str(Text::Borrowed("")),
            Scalar::Null => Data::Null,
            Scalar::Bool(value) => Data::Bool(value),
            // The API server writes amounts as strings, however they came.
            Scalar::Int(_) | Scalar::Float(_) if shape == Some(&Shape::Quantity) => Data::Str(Text::Borrowed(node.text())),
            Scalar::Int(value) => Data::Int(value),
            Scalar::Float(value) => Data::Double(value),
            Scalar::Str(text) => Data::Str(Text::Borrowed(text)),
            Scalar::Unknown if self.placeholders => {
                return Err(Stop::Undecided(format!("`{}` has a placeholder", node.path_from(node.root()))));
            }
            Scalar::Unknown => Data::Str(Text::Borrowed(node.text())),
        };
        Ok(Value { data, origin: Some(node) })
    }

    /// The whole as a value, scalars too.
    pub(in crate::policy) fn to_value(self) -> Eval<'t> {
        if self.node.is_mapping() || self.node.is_sequence() {
            return Ok(Value { data: Data::Node(self), origin: Some(self.node) });
        }
        self.value(self.node, self.shape)
    }

    pub(in crate::policy) fn len(&self) -> usize {
        if self.is_list() {
            self.node.items().count()
        } else {
            self.node.entries().filter(|entry| self.is_there(entry.value)).count() + self.defaults().count()
        }
    }

    /// A null in an object of a known type is dropped when the API server decodes it.
    fn is_there(&self, value: NodeRef<'t>) -> bool {
        self.fields_type().is_none() || !value.is_null()
    }

    pub(in crate::policy) fn items(self) -> impl Iterator<Item = Eval<'t>> {
        let shape = match self.shape {
            Some(Shape::List(items)) => Some(&**items),
            _ => None,
        };
        self.node.items().map(move |item| self.value(item, shape))
    }

    pub(in crate::policy) fn entries(self) -> impl Iterator<Item = Result<(Value<'t>, Value<'t>), Stop>> {
        let written = self.node.entries().filter(move |entry| self.is_there(entry.value)).map(move |entry| {
            let key = entry.key.text();
            let name = Value { data: Data::Str(Text::Borrowed(key)), origin: Some(entry.key) };
            Ok((name, self.value(entry.value, self.shape_of(key))?))
        });
        written.chain(self.defaults().map(|(key, value)| Ok((Value::from(key), value))))
    }

    pub(in crate::policy) fn field(&self, name: &str) -> Result<Option<Value<'t>>, Stop> {
        match self.node.get(name).filter(|value| self.is_there(*value)) {
            Some(value) => self.value(value, self.shape_of(name)).map(Some),
            None => Ok(self.default(name)),
        }
    }

    pub(in crate::policy) fn has(&self, name: &str) -> bool {
        self.node.get(name).is_some_and(|value| self.is_there(value)) || self.default(name).is_some()
    }

    /// The type that says what is filled in, if it is known.
    fn holder(&self) -> Option<Holder<'t>> {
        Some(Holder { of: self.fields_type()?, node: Some(self.node), is_object: self.root.is_some() })
    }

    /// What the API server fills in for a field that is missing.
    fn default(&self, name: &str) -> Option<Value<'t>> {
        self.holder()?.default(name)
    }

    fn defaults(&self) -> impl Iterator<Item = (&'static str, Value<'t>)> + use<'t> {
        self.holder().into_iter().flat_map(Holder::defaults)
    }
}
