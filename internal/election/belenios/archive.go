package belenios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A .bel file is an old tar with nothing at its end, so that it is only ever appended
// to: a header of fixed form and a body padded with zeros, for each record. The first,
// BELENIOS, tells the version and the time that every header then bears.
const (
	blockSize       = 512
	headerName      = "BELENIOS"
	mostRecordSize  = 64 << 20
	mostArchiveSize = 1 << 30
	mostTimestamp   = 1<<33 - 1 // eleven octal digits
)

// header is the tar header of a body.
func header(name string, size, timestamp int64) []byte {
	h := make([]byte, blockSize)
	copy(h, name)
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:], fmt.Sprintf("%011o\x00%011o\x00", size, timestamp))
	copy(h[148:], "        0")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// padding is how many zeros follow a body.
func padding(size int64) int64 { return -size & (blockSize - 1) }

func (r Record) name() string { return r.hex() + "." + string(r.Kind) + ".json" }

func headerBody(timestamp int64) []byte {
	return fmt.Appendf(nil, `{"version":%d,"timestamp":"%d"}`, version, timestamp)
}

// WriteArchive writes a .bel file: timestamp (Unix seconds) is that of the header and of
// every record. Each of them is written as it comes.
func WriteArchive(w io.Writer, timestamp int64, records []Record) error {
	if timestamp < 0 || timestamp > mostTimestamp {
		return refuse(Malformed, "no archive can be of second %d", timestamp)
	}
	if err := writeFile(w, headerName, timestamp, headerBody(timestamp)); err != nil {
		return err
	}
	return AppendArchive(w, timestamp, records)
}

// AppendArchive writes records at the end of the file that WriteArchive began, for one
// too long to hold.
func AppendArchive(w io.Writer, timestamp int64, records []Record) error {
	for _, r := range records {
		if err := writeFile(w, r.name(), timestamp, r.Body); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(w io.Writer, name string, timestamp int64, body []byte) error {
	size := int64(len(body))
	for _, part := range [][]byte{header(name, size, timestamp), body, make([]byte, padding(size))} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// ReadArchive reads a .bel file whose bytes are what WriteArchive would write.
func ReadArchive(r io.Reader) (records []Record, timestamp int64, err error) {
	name, head, body, err := readFile(r)
	if err == io.EOF {
		return nil, 0, refuse(Malformed, "the file is empty")
	}
	if err != nil {
		return nil, 0, err
	}
	if timestamp, err = readHeader(name, head, body); err != nil {
		return nil, 0, err
	}
	for total := 0; ; total += blockSize + len(body) {
		if total > mostArchiveSize {
			return nil, 0, refuse(TooLarge, "the file is larger than %d bytes", mostArchiveSize)
		}
		name, head, body, err = readFile(r)
		if err == io.EOF {
			return records, timestamp, nil
		}
		if err != nil {
			return nil, 0, err
		}
		record := Record{DataRecord, body}
		if strings.HasSuffix(name, "."+string(EventRecord)+".json") {
			record.Kind = EventRecord
		}
		if name != record.name() {
			return nil, 0, refuse(Malformed, "record %d has not the name of its content", len(records)+1)
		}
		if !bytes.Equal(head, header(name, int64(len(body)), timestamp)) {
			return nil, 0, refuse(NotCanonical, "record %d has not the prescribed header", len(records)+1)
		}
		records = append(records, record)
	}
}

// readHeader reads the first file.
func readHeader(name string, head, body []byte) (timestamp int64, err error) {
	if name != headerName {
		return 0, refuse(Malformed, "the file is no archive of an election")
	}
	var first struct {
		Version   int    `json:"version"`
		Timestamp string `json:"timestamp"`
	}
	if err := read("the header", body, &first); err != nil {
		return 0, err
	}
	timestamp, err = strconv.ParseInt(first.Timestamp, 10, 64)
	if err != nil || timestamp < 0 || timestamp > mostTimestamp || first.Version != version {
		return 0, refuse(Malformed, "the header tells neither version 1 nor a time")
	}
	if err := canonical("the header", body, headerBody(timestamp)); err != nil {
		return 0, err
	}
	return timestamp, canonical("the first record", head, header(name, int64(len(body)), timestamp))
}

// readFile reads the header and the body of a file; io.EOF when there is none.
func readFile(r io.Reader) (name string, head, body []byte, err error) {
	head = make([]byte, blockSize)
	if _, err = io.ReadFull(r, head); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = refuse(Malformed, "the file is cut short")
		}
		return "", nil, nil, err
	}
	size, err := strconv.ParseUint(string(head[124:135]), 8, 63)
	if err != nil {
		return "", nil, nil, refuse(Malformed, "the file is no archive of an election")
	}
	if size > mostRecordSize {
		return "", nil, nil, refuse(TooLarge, "a record has %d bytes", size)
	}
	var buffer bytes.Buffer // grows with what comes, not with what a header pretends
	length := int64(size) + padding(int64(size))
	if _, err = io.CopyN(&buffer, r, length); err != nil {
		if errors.Is(err, io.EOF) {
			err = refuse(Malformed, "the file is cut short")
		}
		return "", nil, nil, err
	}
	body = buffer.Bytes()
	if slices.ContainsFunc(body[size:], func(b byte) bool { return b != 0 }) {
		return "", nil, nil, refuse(NotCanonical, "something is hidden after a record")
	}
	name, _, _ = strings.Cut(string(head[:100]), "\x00")
	return name, head, body[:size:size], nil
}
