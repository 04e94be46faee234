//! Which file of a crate uses an item of which other file.
//!
//! An import is followed through re-exports to the file that defines the item. So a module that is only a face (it
//! declares modules and re-exports their items) is imported by nobody, and its modules may import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Item, UseTree};

use crate::source::{Module, ModulePath, defined};

/// From each file to the files whose items it uses.
pub type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// The imports between the files of one crate.
#[must_use]
pub fn imports(modules: &BTreeMap<ModulePath, Module>) -> Imports {
    let names = Names::of(modules);
    let mut imports = Imports::new();
    for (path, module) in modules {
        let edges = imports.entry(module.file.clone()).or_default();
        let mut used = Used::default();
        for item in &module.items {
            match item {
                Item::Mod(_) => {}
                Item::Use(item) => {
                    used.paths
                        .extend(flat(&item.tree).into_iter().map(|leaf| leaf.path));
                }
                item => used.visit_item(item),
            }
        }
        for segments in used.paths {
            if let Some(target) = names.definition(path, &segments)
                && let Some(target) = modules.get(&target)
                && target.file != module.file
            {
                edges.insert(target.file.clone());
            }
        }
    }
    imports
}

/// One name that a `use` brings in.
struct Leaf {
    /// The whole path, as written; the last segment is `*` for a glob.
    path: Vec<String>,
    /// The name under which it can be used here.
    name: String,
}

fn flat(tree: &UseTree) -> Vec<Leaf> {
    let below = |first: String, tree: &UseTree| {
        let mut leaves = flat(tree);
        for leaf in &mut leaves {
            leaf.path.insert(0, first.clone());
            if leaf.name == "self" {
                leaf.name.clone_from(&first);
            }
        }
        leaves
    };
    match tree {
        UseTree::Path(path) => below(path.ident.to_string(), &path.tree),
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            let path = if name == "self" {
                Vec::new()
            } else {
                vec![name.clone()]
            };
            vec![Leaf { path, name }]
        }
        UseTree::Rename(rename) => vec![Leaf {
            path: vec![rename.ident.to_string()],
            name: rename.rename.to_string(),
        }],
        UseTree::Glob(_) => vec![Leaf {
            path: vec!["*".to_owned()],
            name: "*".to_owned(),
        }],
        UseTree::Group(group) => group.items.iter().flat_map(flat).collect(),
    }
}

/// What the modules of a crate define and bring in.
struct Names<'a> {
    modules: &'a BTreeMap<ModulePath, Module>,
    defined: BTreeMap<&'a ModulePath, BTreeSet<String>>,
    brought: BTreeMap<&'a ModulePath, Vec<Leaf>>,
}

impl<'a> Names<'a> {
    fn of(modules: &'a BTreeMap<ModulePath, Module>) -> Names<'a> {
        let mut names = Names {
            modules,
            defined: BTreeMap::new(),
            brought: BTreeMap::new(),
        };
        for (path, module) in modules {
            let items = &module.items;
            names.defined.insert(
                path,
                items
                    .iter()
                    .filter_map(|item| Some(defined(item)?.0))
                    .collect(),
            );
            let uses = items.iter().filter_map(|item| match item {
                Item::Use(item) => Some(flat(&item.tree)),
                _ => None,
            });
            names.brought.insert(path, uses.flatten().collect());
        }
        names
    }

    /// The module that defines the first item on a path, as seen from the module `from`; `None` for other crates.
    fn definition(&self, from: &ModulePath, segments: &[String]) -> Option<ModulePath> {
        self.follow(from, segments, 0)
    }

    fn follow(&self, from: &ModulePath, segments: &[String], depth: usize) -> Option<ModulePath> {
        if depth > 16 {
            return None; // names that bring in each other
        }
        let mut module = from.clone();
        let mut rest = segments;
        while let [first, others @ ..] = rest {
            match first.as_str() {
                "crate" => module = Vec::new(),
                "self" => {}
                "super" => {
                    module.pop();
                }
                _ => break,
            }
            rest = others;
        }
        let written = rest.len() < segments.len();
        while let [first, others @ ..] = rest {
            let mut inner = module.clone();
            inner.push(first.clone());
            if self.modules.contains_key(&inner) {
                module = inner;
                rest = others;
                continue;
            }
            if first == "*" || self.defined.get(&module)?.contains(first) {
                return Some(module);
            }
            let brought = self.brought.get(&module)?;
            if let Some(leaf) = brought.iter().find(|leaf| leaf.name == *first) {
                if leaf.path.len() == 1 && !written && leaf.path[0] == *first {
                    return None; // another crate
                }
                let whole: Vec<String> = leaf.path.iter().chain(others).cloned().collect();
                return self.follow(&module, &whole, depth + 1);
            }
            let globs = brought.iter().filter(|leaf| leaf.name == "*");
            return globs.into_iter().find_map(|leaf| {
                let base = &leaf.path[..leaf.path.len() - 1];
                let whole: Vec<String> = base.iter().chain(rest).cloned().collect();
                self.follow(&module, &whole, depth + 1)
            });
        }
        None
    }
}

/// The paths that an item's code uses.
#[derive(Default)]
struct Used {
    paths: Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for Used {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.push(
            path.segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect(),
        );
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.paths
            .extend(flat(&item.tree).into_iter().map(|leaf| leaf.path));
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        syn::visit::visit_macro(self, item);
    }
}

impl Used {
    /// Paths among the tokens of a macro's call.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 2;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end(&mut path);
                    self.tokens(group.stream());
                    colons = 2;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.end(&mut path);
                    colons = 2;
                }
            }
        }
        self.end(&mut path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.paths.push(std::mem::take(path));
        }
    }
}
