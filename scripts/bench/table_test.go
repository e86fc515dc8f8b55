//go:build linux

package bench

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// table collects what is measured of each server, round by round, and prints the medians
// when a benchmark has run all of them. What is in it is told beside plain Go's.
type table struct {
	title   string
	columns []string
	rows    []string
	values  map[[2]string][]float64
}

func newTable(title string) *table { return &table{title: title, values: map[[2]string][]float64{}} }

func (t *table) add(row, column string, value float64) {
	if !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
	if !slices.Contains(t.columns, column) {
		t.columns = append(t.columns, column)
	}
	t.values[[2]string{row, column}] = append(t.values[[2]string{row, column}], value)
}

// median returns that of one cell; ok is false for a server that could not do it.
func (t *table) median(row, column string) (value float64, ok bool) {
	values := slices.Sorted(slices.Values(t.values[[2]string{row, column}]))
	if len(values) == 0 {
		return 0, false
	}
	return (values[len(values)/2] + values[(len(values)-1)/2]) / 2, true
}

func (t *table) cell(row, column string) string {
	value, ok := t.median(row, column)
	beside, known := t.median("go", column)
	switch {
	case !ok:
		return "-"
	case row == "go" || !known || beside == 0:
		return fmt.Sprintf("%.2f       ", value)
	}
	return fmt.Sprintf("%.2f (%.2f)", value, value/beside)
}

// print prints the table; in brackets is the ratio to Go.
func (t *table) print() {
	if len(t.rows) == 0 {
		return
	}
	fmt.Printf("\n%s\n%-16s", t.title, "")
	for _, column := range t.columns {
		fmt.Printf("%18s", column)
	}
	for _, row := range t.rows {
		fmt.Printf("\n%-16s", row)
		for _, column := range t.columns {
			fmt.Printf("%18s", t.cell(row, column))
		}
	}
	fmt.Print("\n\n")
}

// report has the benchmark's own line tell the medians of a column, too.
func (t *table) report(b *testing.B, columns ...string) {
	b.ReportMetric(0, "ns/op") // which is how long all servers together were measured
	for _, column := range columns {
		for _, row := range t.rows {
			if value, ok := t.median(row, column); ok {
				b.ReportMetric(value, strings.ReplaceAll(row+":"+column, " ", "-"))
			}
		}
	}
}
