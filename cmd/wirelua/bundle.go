package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
)

// bundling is the flag --bundle: what is to be made of which files.
type bundling struct {
	out   string
	files []string // the script first
	flags *pflag.FlagSet
}

func (b *bundling) define(f *pflag.FlagSet) {
	b.flags = f
	f.Var((*file)(&b.out), "bundle", "write to `OUT` an executable of wirelua, the script that follows and what it requires by constant names; more files of Lua may follow")
}

// operands reads what follows the flags.
func (b *bundling) operands(args []string) (err error) {
	b.flags.Visit(func(f *pflag.Flag) {
		if f.Name != "bundle" {
			err = errors.New("--bundle goes with no other flag: all is allowed to a bundle's script, and all arguments are its own")
		}
	})
	switch {
	case err != nil:
		return err
	case b.out == "-":
		return errors.New("--bundle writes an executable file, and - is none")
	case len(args) == 0:
		return errors.New("--bundle OUT needs the script that OUT is to run")
	}
	b.files = args
	return nil
}

// make makes the bundle and returns the exit status.
func (b *bundling) make() int {
	err := b.writable()
	if err == nil {
		var all luaFiles
		if all, err = gather(os.Stderr, b.files); err == nil {
			err = reason(b.out, b.write(all))
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "wirelua: %v\n", err)
		return statusFailed
	}
	return 0
}

// writable reports what is in the way. Only another bundle is replaced, lest the script be, whose name
// stands where that of the bundle should.
func (b *bundling) writable() error {
	info, err := os.Lstat(b.out)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return reason(b.out, err)
	case !info.Mode().IsRegular() || !isBundle(b.out):
		return fmt.Errorf("%s is there already, and is no bundle: not replaced", b.out)
	}
	return nil
}

// write writes the whole beside the place where it belongs, and then moves it there: a bundle of that
// name may be running.
func (b *bundling) write(all luaFiles) (err error) {
	out, err := os.CreateTemp(filepath.Dir(b.out), ".wirelua-bundle-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(out.Name())
		}
	}()
	defer out.Close()
	size, err := copyCommand(out)
	if err == nil {
		err = all.zip(out, size)
	}
	if err == nil {
		err = out.Chmod(0o755)
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(out.Name(), b.out)
	}
	return err
}

// copyCommand copies the executable of this process, and returns its size.
func copyCommand(to io.Writer) (int64, error) {
	name, err := os.Executable()
	if err != nil {
		return 0, err
	}
	from, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	return io.Copy(to, from)
}

// zip writes the files as a zip that begins after offset bytes of something else. They are not compressed:
// beside the command they are small.
func (all luaFiles) zip(to io.Writer, offset int64) error {
	z := zip.NewWriter(to)
	z.SetOffset(offset)
	for _, f := range all {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, f.source); err != nil {
			return err
		}
	}
	if err := z.SetComment(bundleMark); err != nil {
		return err
	}
	return z.Close()
}
