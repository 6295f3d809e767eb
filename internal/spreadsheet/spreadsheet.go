// Package spreadsheet reads the tables that people send: CSV as Excel or others
// write it, in UTF-8 or Windows-1252, and XLSX.
package spreadsheet
