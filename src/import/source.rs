//! The file: CSV, plain or gzip, in UTF-8 or cp1251, read row by row.

use super::mapping::{Mapping, MappingError};
use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An open file, its first line read.
pub struct Source {
    rows: csv::Reader<Box<dyn Read + Send>>,
    encoding: &'static Encoding,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// How many bytes of the file are read.
    pub read: Arc<AtomicU64>,
    /// How many it has.
    pub size: u64,
}

struct Counted(File, Arc<AtomicU64>);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Source {
    /// Opens a file as the mapping says it is written.
    pub fn open(path: &Path, mapping: &Mapping) -> Result<Self, MappingError> {
        let failed = |error: io::Error| MappingError::Unreadable(path.display().to_string(), error);
        let file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let read = Arc::new(AtomicU64::new(0));
        let mut bytes = BufReader::with_capacity(1 << 16, Counted(file, Arc::clone(&read)));
        let gzip = bytes.fill_buf().map_err(failed)?.starts_with(&GZIP);
        let bytes: Box<dyn Read + Send> =
            if gzip { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) };
        let wrong = |text: String| MappingError::Wrong("file.encoding", text);
        let encoding = match mapping.file.encoding.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => encoding_rs::UTF_8,
            "cp1251" | "windows-1251" => encoding_rs::WINDOWS_1251,
            other => return Err(wrong(format!("{other:?} is neither utf-8 nor cp1251"))),
        };
        let delimiter = u8::try_from(mapping.file.delimiter).unwrap_or(b',');
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let mut first = csv::ByteRecord::new();
        rows.read_byte_record(&mut first).map_err(|error| failed(io::Error::other(error)))?;
        let columns = first
            .iter()
            .map(|bytes| decode(encoding, bytes).map(|text| text.trim_start_matches('\u{feff}').to_owned()))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                let encoding = &mapping.file.encoding;
                wrong(format!("the first line is not written in {encoding}; there are utf-8 and cp1251"))
            })?;
        mapping.check(&columns)?;
        Ok(Self { rows, encoding, columns, read, size })
    }

    /// The next row: its columns as far as they can be read, and why they cannot. `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<(Vec<String>, Option<String>)>> {
        let mut row = csv::ByteRecord::new();
        match self.rows.read_byte_record(&mut row) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let columns: Vec<_> = row
                    .iter()
                    .map(|bytes| self.encoding.decode_without_bom_handling(bytes))
                    .map(|(text, wrong)| (text.into_owned(), wrong))
                    .collect();
                let wrong = columns.iter().any(|(_, wrong)| *wrong);
                let reason = wrong.then(|| format!("is not written in {}", self.encoding.name()));
                Ok(Some((columns.into_iter().map(|(text, _)| text).collect(), reason)))
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}
