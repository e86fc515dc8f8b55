package interp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// debianLua is where Debian's packages lua-penlight, lua-argparse, lua-inspect,
// lua-messagepack, lua-coxpcall and lua-copas put their modules.
const debianLua = "/usr/share/lua/5.1"

// TestDebianLibraries uses libraries that others wrote, where they are installed:
// pl_test.lua the library pl, and so on.
func TestDebianLibraries(t *testing.T) {
	files, err := filepath.Glob("testdata/debian/*_test.lua")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	t.Setenv("LUA_PATH", debianLua+"/?.lua;"+debianLua+"/?/init.lua;;")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), "_test.lua"), func(t *testing.T) {
			library := filepath.Join(debianLua, strings.TrimSuffix(filepath.Base(file), "_test.lua"))
			if _, err := os.Stat(library + ".lua"); err != nil {
				if _, err := os.Stat(library); err != nil {
					interptest.Missing(t, library)
				}
			}
			interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, file)
		})
	}
}
