//! The file, as blocks of lines that the bulk call takes.

use axum::body::Bytes;
use clap::ValueEnum;
use csv::StringRecord;
use indicatif::ProgressBar;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// Bytes of a block, and blocks that are read ahead.
const BLOCK: usize = 64 * 1024;
const AHEAD: usize = 8;

/// The fields of a line, and those without which there is none.
const FIELDS: [&str; 8] =
    ["program", "reference", "debit", "credit", "amount", "asset", "on_insufficient", "remark"];
const REQUIRED: [&str; 5] = ["reference", "debit", "credit", "amount", "asset"];

/// What a file is.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Csv,
    Ndjson,
}

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{} can't be read", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("what {} is can't be told by its name: say --form csv or --form ndjson", .0.display())]
    Form(PathBuf),
    #[error("the header line has no field {0:?}")]
    Field(String),
    #[error("the header line lacks {0:?}")]
    Lacking(&'static str),
    #[error("the header line has {0:?} twice")]
    Twice(String),
    #[error("the lines before it were sent; from here on the file is no CSV")]
    Csv(#[from] csv::Error),
}

/// A file that was opened.
pub struct Reading {
    path: PathBuf,
    file: File,
    bytes: u64,
    form: Form,
}

/// What is read by a thread of its own.
pub struct Blocks {
    pub receiver: mpsc::Receiver<Result<Bytes, std::io::Error>>,
    pub thread: JoinHandle<Result<(), ReadError>>,
}

impl Reading {
    pub fn open(path: &Path, form: Option<Form>) -> Result<Self, ReadError> {
        let form = match form.or_else(|| form_of(path)) {
            Some(form) => form,
            None => return Err(ReadError::Form(path.to_owned())),
        };
        let failed = |source| ReadError::File { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        Ok(Self { path: path.to_owned(), file, bytes, form })
    }

    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bar is told how much was read.
    pub fn start(self, bar: ProgressBar) -> Blocks {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let sending = Sending { sender, bar, block: Vec::with_capacity(2 * BLOCK) };
        let thread = std::thread::spawn(move || {
            let Self { path, file, form, .. } = self;
            match form {
                Form::Csv => sending.csv(file),
                Form::Ndjson => {
                    sending.lines(file).map_err(|source| ReadError::File { path, source })
                }
            }
        });
        Blocks { receiver, thread }
    }
}

fn form_of(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()? {
        "csv" => Some(Form::Csv),
        "ndjson" | "jsonl" => Some(Form::Ndjson),
        _ => None,
    }
}

/// Nobody takes blocks any more.
struct Gone;

struct Sending {
    sender: mpsc::Sender<Result<Bytes, std::io::Error>>,
    bar: ProgressBar,
    block: Vec<u8>,
}

impl Sending {
    /// Sends what there is.
    fn send(&mut self) -> Result<(), Gone> {
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(2 * BLOCK));
        self.sender.blocking_send(Ok(Bytes::from(block))).map_err(|_| Gone)
    }

    /// As they are.
    fn lines(mut self, file: File) -> std::io::Result<()> {
        let mut file = BufReader::with_capacity(BLOCK, file);
        loop {
            let read = file.by_ref().take(BLOCK as u64).read_to_end(&mut self.block)?;
            if read == 0 {
                return Ok(());
            }
            self.bar.inc(read as u64);
            if self.send().is_err() {
                return Ok(());
            }
        }
    }

    /// A line for each record, after an empty one for the header, so that the server's numbers are
    /// the file's, as long as no line of it is empty and no cell has several.
    fn csv(mut self, file: File) -> Result<(), ReadError> {
        let mut reader = csv::ReaderBuilder::new().from_reader(BufReader::new(skip_mark(file)));
        let names = names(reader.headers()?)?;
        let mut record = StringRecord::new();
        while reader.read_record(&mut record)? {
            self.block.push(b'\n');
            write(&mut self.block, &names, &record);
            if self.block.len() >= BLOCK {
                self.bar.set_position(reader.position().byte());
                if self.send().is_err() {
                    return Ok(());
                }
            }
        }
        self.bar.set_position(reader.position().byte());
        // Nobody takes it, or it is the last.
        let _ = self.send();
        Ok(())
    }
}

/// Spreadsheets begin UTF-8 with a mark.
fn skip_mark(file: File) -> impl Read {
    let mut file = BufReader::new(file);
    let marked = file.fill_buf().is_ok_and(|bytes| bytes.starts_with(b"\xef\xbb\xbf"));
    if marked {
        file.consume(3);
    }
    file
}

fn names(header: &StringRecord) -> Result<Vec<&'static str>, ReadError> {
    let mut names = Vec::with_capacity(header.len());
    for name in header {
        let name = name.trim();
        let known = FIELDS.iter().find(|known| **known == name);
        let known = known.ok_or_else(|| ReadError::Field(name.to_owned()))?;
        if names.contains(known) {
            return Err(ReadError::Twice(name.to_owned()));
        }
        names.push(*known);
    }
    match REQUIRED.iter().find(|required| !names.contains(required)) {
        Some(lacking) => Err(ReadError::Lacking(lacking)),
        None => Ok(names),
    }
}

/// Empty cells are fields that are absent. The end of its line follows with the next one.
fn write(block: &mut Vec<u8>, names: &[&'static str], record: &StringRecord) {
    let cells = names.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
    let fields: Map<String, Value> =
        cells.map(|(name, cell)| ((*name).to_owned(), Value::from(cell))).collect();
    serde_json::to_writer(block, &fields).expect("texts can be written to memory");
}
