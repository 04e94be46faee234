//! The modules of a crate, file by file, without its tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, Visibility};

/// A path of a module inside its crate; the root is empty.
pub type ModulePath = Vec<String>;

/// One module, in a file of its own or inside another's.
#[derive(Debug)]
pub struct Module {
    /// The file that holds it.
    pub file: PathBuf,
    /// Its items; what only tests compile is left out.
    pub items: Vec<Item>,
}

/// All modules of the crate whose root is the file `root`.
///
/// # Panics
/// If a file can't be read or is no Rust.
#[must_use]
pub fn modules(root: &Path) -> BTreeMap<ModulePath, Module> {
    let mut modules = BTreeMap::new();
    let folder = root.parent().expect("a source file lies in a folder");
    read(root, folder, Vec::new(), &mut modules);
    modules
}

fn read(file: &Path, folder: &Path, path: ModulePath, modules: &mut BTreeMap<ModulePath, Module>) {
    let text =
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    collect(file, folder, path, parsed.items, modules);
}

fn collect(
    file: &Path,
    folder: &Path,
    path: ModulePath,
    items: Vec<Item>,
    modules: &mut BTreeMap<ModulePath, Module>,
) {
    let items: Vec<Item> = items
        .into_iter()
        .filter(|item| !is_test(attributes(item)))
        .collect();
    for item in &items {
        let Item::Mod(module) = item else { continue };
        let name = module.ident.to_string();
        let mut inner = path.clone();
        inner.push(name.clone());
        match &module.content {
            Some((_, content)) => {
                collect(file, &folder.join(&name), inner, content.clone(), modules);
            }
            None => {
                let flat = folder.join(format!("{name}.rs"));
                let nested = folder.join(&name).join("mod.rs");
                let file = if flat.exists() { flat } else { nested };
                read(&file, &folder.join(&name), inner, modules);
            }
        }
    }
    let file = file.to_owned();
    modules.insert(path, Module { file, items });
}

/// Whether only tests compile what bears these attributes.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Path>()
                    .is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// The attributes of an item.
#[must_use]
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item defines, and whether it is a type's (a structure's, an enumeration's, a trait's or an
/// alias's) that is public.
#[must_use]
pub fn defined(item: &Item) -> Option<(String, bool)> {
    let public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
    match item {
        Item::Const(item) => Some((item.ident.to_string(), false)),
        Item::Enum(item) => Some((item.ident.to_string(), public(&item.vis))),
        Item::Fn(item) => Some((item.sig.ident.to_string(), false)),
        Item::Macro(item) => item.ident.as_ref().map(|name| (name.to_string(), false)),
        Item::Static(item) => Some((item.ident.to_string(), false)),
        Item::Struct(item) => Some((item.ident.to_string(), public(&item.vis))),
        Item::Trait(item) => Some((item.ident.to_string(), public(&item.vis))),
        Item::Type(item) => Some((item.ident.to_string(), public(&item.vis))),
        _ => None,
    }
}
