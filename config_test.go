package main

import (
	"io"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"sshforum/forum/gate"
	"sshforum/forum/limit"
)

// commands has one command of each shape that a program can have. Running them does nothing.
type commands struct {
	ConfigFile configFlag `name:"config" default:""`
	Config     Config     `embed:""`
	Serve      struct{}   `cmd:"" default:"1"`
	User       struct {
		Add struct {
			Name string `arg:""`
		} `cmd:""`
		List struct{} `cmd:""`
	} `cmd:""`
	ImportCredentials struct {
		File string `arg:""`
	} `cmd:""`
}

// load returns the settings of a command line, a file, which may be "", and the environment.
func load(t *testing.T, file string, env []string, args ...string) (*Config, error) {
	t.Helper()
	if file == "" {
		file = os.DevNull
	}
	var line commands
	from := &sources{env: env}
	parser, err := kong.New(&line, from, kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append(args, "--config="+file)); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return &line.Config, from.problem(&line.Config)
}

// declared are the settings of a program.
func declared(t testing.TB) []setting {
	t.Helper()
	parser, err := kong.New(new(commands), new(sources))
	if err != nil {
		t.Fatal(err)
	}
	return settings(parser.Model)
}

// write makes a configuration file in a directory that becomes the current one.
func write(t *testing.T, text string) (file string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(defaultConfigFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return defaultConfigFile
}

func TestSettingsAreDeclaredInFull(t *testing.T) {
	seen := map[string]string{}
	for _, s := range declared(t) {
		for _, name := range []string{s.path(), s.Name, s.env()} {
			if other, taken := seen[name]; taken && other != s.path() {
				t.Errorf("%s and %s share the name %s", other, s.path(), name)
			}
			seen[name] = s.path()
		}
		if s.Help == "" || s.Tag.Name == "" {
			t.Errorf("%s lacks a name or a help text", s.path())
		}
		if s.kind().parse == nil {
			t.Fatalf("%s is of a kind that nothing reads", s.path())
		}
		if s.Target.CanInt() && (s.Tag.Get("min") == "" || s.Tag.Get("max") == "") {
			t.Fatalf("%s has no range", s.path())
		}
		if _, err := s.read(s.Default); err != nil {
			t.Errorf("the default: %v", err)
		}
	}
}

// TestPathsAreThoseOfTheFields holds the names of sections to one word each, since a
// setting's path is made of its flag.
func TestPathsAreThoseOfTheFields(t *testing.T) {
	var got, want []string
	for _, s := range declared(t) {
		got = append(got, s.path())
	}
	for _, leaf := range leaves(reflect.ValueOf(new(Config)).Elem(), "") {
		want = append(want, leaf.path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// leaf is a field of Config that is no section.
type leaf struct {
	path  string
	value reflect.Value
}

func leaves(section reflect.Value, path string) (all []leaf) {
	for field, value := range section.Fields() {
		if prefix, ok := field.Tag.Lookup("prefix"); ok {
			all = append(all, leaves(value, path+strings.TrimSuffix(prefix, "-")+".")...)
		} else {
			all = append(all, leaf{path + snake(field.Tag.Get("name")), value})
		}
	}
	return all
}

func TestShippedFileStatesEveryDefault(t *testing.T) {
	text, err := os.ReadFile("config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	all := declared(t)
	shipped := readFile("config.yaml", all)
	for _, s := range all {
		i := slices.IndexFunc(shipped, func(a assignment) bool { return a.to.Flag != nil && a.to.path() == s.path() })
		if i < 0 {
			t.Errorf("%s is missing", s.path())
			continue
		}
		if shipped[i].text != s.Default {
			t.Errorf("%s is %q; its default is %q", s.path(), shipped[i].text, s.Default)
		}
		line, err := strconv.Atoi(strings.TrimPrefix(shipped[i].origin, "config.yaml:"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.TrimSpace(lines[line-2]), "# "+s.Help; got != want {
			t.Errorf("above %s stands %q; want %q", s.path(), got, want)
		}
	}
	for _, a := range shipped {
		if a.err != nil {
			t.Errorf("%s: %v", a.origin, a.err)
		}
	}
}

// samples are three values in turn different from the one before, the first from the default.
func samples(s setting) [3]string {
	if s.Enum != "" {
		others := slices.DeleteFunc(s.EnumSlice(), func(choice string) bool { return choice == s.Default })
		return [3]string{others[0], s.Default, others[0]}
	}
	switch s.Target.Interface().(type) {
	case *time.Location:
		return [3]string{"UTC", "Europe/Berlin", "local"}
	case gate.Startups:
		return [3]string{"1:100:1", "5", "20:10:60"}
	case limit.Rate:
		return [3]string{"1:24h", "off", "100000:1ms"}
	case []netip.Prefix:
		return [3]string{"192.0.2.0/24", "192.0.2.7, 2001:db8::/32", "::1"}
	case []string:
		return [3]string{"aes128-ctr", "aes256-ctr, aes192-ctr", "aes192-ctr,aes128-ctr"}
	case bool:
		other := strconv.FormatBool(s.Default != "true")
		return [3]string{other, strconv.FormatBool(other != "true"), other}
	case int, time.Duration:
		return [3]string{s.Tag.Get("max"), s.Tag.Get("min"), s.Tag.Get("max")}
	}
	if s.Tag.Get("kind") == "title" {
		return [3]string{"a", "b", "c"}
	}
	return [3]string{":1", "[::1]:2", "localhost:3"}
}

// asYAML writes one setting as a file.
func asYAML(path, value string) string {
	var file strings.Builder
	parts := strings.Split(path, ".")
	for depth, part := range parts {
		file.WriteString("\n" + strings.Repeat("  ", depth) + part + ":")
	}
	return file.String() + " " + strconv.Quote(value)
}

func TestEverySettingHasFileEnvironmentAndFlag(t *testing.T) {
	for i, s := range declared(t) {
		t.Run(s.path(), func(t *testing.T) {
			values := samples(s)
			file := write(t, asYAML(s.path(), values[0]))
			env := []string{"HOME=/", s.env() + "=" + values[1]}
			flag := "--" + s.Name + "=" + values[2]
			for _, source := range []struct {
				name, file string
				env, args  []string
				want       string
			}{
				{"default", "", nil, nil, s.Default},
				{"file", file, nil, nil, values[0]},
				{"environment", file, env, nil, values[1]},
				{"flag", file, env, []string{flag}, values[2]},
				{"flag alone", "", nil, []string{flag}, values[2]},
			} {
				config, err := load(t, source.file, source.env, source.args...)
				if err != nil {
					t.Fatalf("%s: %v", source.name, err)
				}
				want, err := s.read(source.want)
				if err != nil {
					t.Fatal(err)
				}
				if got := leaves(reflect.ValueOf(config).Elem(), "")[i].value; !equal(got, reflect.ValueOf(want)) {
					t.Errorf("%s: got %v, want %v", source.name, got, want)
				}
			}
		})
	}
}

// equal reports whether two values are the same, where no list is an empty one.
func equal(a, b reflect.Value) bool {
	return a.Kind() == reflect.Slice && a.Len()+b.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface())
}

func TestFlagsStandAnywhereOnTheLine(t *testing.T) {
	for _, args := range []string{
		"--ssh-listen :9 --data d",
		"serve --ssh-listen :9 --data d",
		"--ssh-listen :9 serve --data-dir d",
		"--ssh-listen :9 --data d user add yoda",
		"user --ssh-listen=:9 --data=d add yoda",
		"user add yoda --ssh-listen :9 --data d",
		"user list --data d --ssh-listen :9",
		"import-credentials --data d old.txt --ssh-listen :9",
		"--ssh-listen :1 serve --data d --ssh-listen :9",
	} {
		config, err := load(t, "", nil, strings.Fields(args)...)
		if err != nil {
			t.Fatal(err)
		}
		if config.SSH.Listen != ":9" || config.DataDir != "d" {
			t.Errorf("%s: listen %q, data %q", args, config.SSH.Listen, config.DataDir)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, test := range []struct {
		name, file string
		env        []string
		want       []string
	}{
		{name: "misspelt", file: "# one\n\nssh:\n  lisen: :1\n",
			want: []string{`config.yaml:4: unknown setting "ssh.lisen"; did you mean "ssh.listen"?`}},
		{name: "misspelt section", file: "auth:\n  lokout:\n    attempts: 3\n",
			want: []string{`config.yaml:2: unknown setting "auth.lokout"; did you mean "auth.lockout"?`}},
		{name: "wrong section", file: "listen: :1\n",
			want: []string{`config.yaml:1: unknown setting "listen"; did you mean "ssh.listen"?`}},
		{name: "far from its section", file: "atempts: 3\n",
			want: []string{`config.yaml:1: unknown setting "atempts"; did you mean "auth.lockout.attempts"?`}},
		{name: "nothing like it", file: "favourite_colour: red\n",
			want: []string{`config.yaml:1: unknown setting "favourite_colour"; sshforum --help lists them all`}},
		{name: "environment misspelt", env: []string{"SSHFORUM_SSH_LISEN=:1", "SSHFORUM_CONFIG=x", "SSH_LISEN=y"},
			want: []string{`SSHFORUM_SSH_LISEN: unknown setting in the environment; did you mean "SSHFORUM_SSH_LISTEN"?`}},
		{name: "twice", file: "ssh:\n  listen: :1\n  listen: :2\n",
			want: []string{`config.yaml:3: ssh.listen is set twice, first on line 2; remove one`}},
		{name: "section twice", file: "ssh:\n  listen: :1\nssh:\n  listen: :2\n",
			want: []string{`config.yaml:3: ssh is set twice, first on line 1; remove one`}},
		{name: "empty section twice", file: "ssh:\nssh:\n",
			want: []string{`config.yaml:2: ssh is set twice, first on line 1; remove one`}},
		{name: "not a number", file: "ssh:\n  max_auth_tries: six\n",
			want: []string{`config.yaml:2: ssh.max_auth_tries is "six"; it must be a whole number, from 1 to 20`}},
		{name: "a fraction", file: "ssh:\n  max_auth_tries: 1.5\n",
			want: []string{`config.yaml:2: ssh.max_auth_tries is "1.5"; it must be a whole number, from 1 to 20`}},
		{name: "too small", file: "ssh:\n  max_auth_tries: 0\n",
			want: []string{`config.yaml:2: ssh.max_auth_tries is "0"; it must be a whole number, from 1 to 20`}},
		{name: "too large", env: []string{"SSHFORUM_SSH_MAX_AUTH_TRIES=21"},
			want: []string{`SSHFORUM_SSH_MAX_AUTH_TRIES: ssh.max_auth_tries is "21"; it must be a whole number, from 1 to 20`}},
		{name: "beyond every integer", file: "limits:\n  connections: 99999999999999999999\n",
			want: []string{`config.yaml:2: limits.connections is "99999999999999999999"; it must be a whole number, from 1 to 100000`}},
		{name: "duration without unit", file: "shutdown_grace: 10\n",
			want: []string{`config.yaml:1: shutdown_grace is "10"; it must be a duration such as 10s, 5m or 720h, from 0s to 1h`}},
		{name: "duration too long", file: "shutdown_grace: 2h\n",
			want: []string{`config.yaml:1: shutdown_grace is "2h"; it must be a duration such as 10s, 5m or 720h, from 0s to 1h`}},
		{name: "no such choice", file: "auth:\n  registration: perhaps\n",
			want: []string{`config.yaml:2: auth.registration is "perhaps"; it must be one of open, invite, closed`}},
		{name: "port alone", file: "ssh:\n  listen: 2222\n",
			want: []string{`config.yaml:2: ssh.listen is "2222"; it must be an address and port such as :2222, 127.0.0.1:2222 or [::1]:2222`}},
		{name: "port too large", file: "ssh:\n  listen: :65536\n",
			want: []string{`config.yaml:2: ssh.listen is ":65536"; it must be an address and port such as :2222, 127.0.0.1:2222 or [::1]:2222`}},
		{name: "no such zone", file: "legacy:\n  zone: Berlin\n", env: []string{"SSHFORUM_LEGACY_ZONE="},
			want: []string{
				`config.yaml:2: legacy.zone is "Berlin"; it must be local or the name of a time zone such as Europe/Berlin`,
				`SSHFORUM_LEGACY_ZONE: legacy.zone is ""; it must be local or the name of a time zone such as Europe/Berlin`,
			}},
		{name: "no title", file: "legacy:\n  textchat: {enabled: perhaps, thread: two words}\n",
			want: []string{
				`config.yaml:2: legacy.textchat.enabled is "perhaps"; it must be true or false`,
				`config.yaml:2: legacy.textchat.thread is "two words"; it must be the title of a thread`,
			}},
		{name: "no directory", env: []string{"SSHFORUM_DATA_DIR="},
			want: []string{`SSHFORUM_DATA_DIR: data_dir is ""; it must be the name of a file or directory`}},
		{name: "no value", file: "ssh:\n  banner:\n",
			want: []string{`config.yaml:2: ssh.banner needs one value; it must be text`}},
		{name: "list", file: "data_dir: [a, b]\n",
			want: []string{`config.yaml:1: data_dir needs one value; it must be the name of a file or directory`}},
		{name: "alias", file: "data_dir: &here ./data\nlog_level: *here\n",
			want: []string{`config.yaml:2: log_level needs one value; it must be one of debug, info, warn, error`}},
		{name: "no such cipher", file: "ssh:\n  ciphers: [aes128-ctr, aes128-gcm]\n", env: []string{"SSHFORUM_SSH_CIPHERS=aes256-ctr,aes-128-ctr"},
			want: []string{
				`config.yaml:2: ssh.ciphers: "aes128-gcm" is unknown; did you mean "aes128-gcm@openssh.com"?`,
				`SSHFORUM_SSH_CIPHERS: ssh.ciphers: "aes-128-ctr" is unknown; did you mean "aes128-ctr"?`,
			}},
		{name: "no such limits", file: "ssh:\n  max_startups: 10:30\n", env: []string{"SSHFORUM_SSH_MAX_STARTUPS=100:30:10"},
			want: []string{
				`config.yaml:2: ssh.max_startups is "10:30"; it must be three numbers start:rate:full such as 10:30:100`,
				`SSHFORUM_SSH_MAX_STARTUPS: ssh.max_startups is "100:30:10"; it must be three numbers start:rate:full such as 10:30:100`,
			}},
		{name: "no such network", file: "ssh:\n  exempt: [192.0.2.0/24, localhost]\n", env: []string{"SSHFORUM_SSH_PROXY_FROM=192.0.2.0/33"},
			want: []string{
				`config.yaml:2: ssh.exempt is "192.0.2.0/24,localhost"; it must be a list of networks such as [192.0.2.0/24, 2001:db8::/32]`,
				`SSHFORUM_SSH_PROXY_FROM: ssh.proxy_from is "192.0.2.0/33"; it must be a list of networks such as [192.0.2.0/24, 2001:db8::/32]`,
			}},
		{name: "no list", file: "ssh:\n  ciphers: {aes128-ctr: yes}\n  listen: [a]\n",
			want: []string{
				`config.yaml:2: ssh.ciphers needs one value; it must be a list of ciphers such as [aes128-gcm@openssh.com, aes256-gcm@openssh.com]`,
				`config.yaml:3: ssh.listen needs one value; it must be an address and port such as :2222, 127.0.0.1:2222 or [::1]:2222`,
			}},
		{name: "a list of lists", file: "ssh:\n  ciphers: [[aes128-ctr]]\n",
			want: []string{`config.yaml:2: ssh.ciphers needs one value; it must be a list of ciphers such as [aes128-gcm@openssh.com, aes256-gcm@openssh.com]`}},
		{name: "section with a value", file: "ssh: yes\n",
			want: []string{`config.yaml:1: ssh is a section; its settings go below it, indented`}},
		{name: "merge", file: "<<: {data_dir: x}\n",
			want: []string{`config.yaml:1: unknown setting "<<"; sshforum --help lists them all`}},
		{name: "mapping as a key", file: "? {ssh: 1}\n: 2\n",
			want: []string{`config.yaml:1: unknown setting ""; sshforum --help lists them all`}},
		{name: "not a mapping", file: "\n- data_dir\n",
			want: []string{`config.yaml:2: the file must hold settings such as data_dir: ./data`}},
		{name: "second document", file: "data_dir: a\n---\ndata_dir: b\n",
			want: []string{`config.yaml:2: the file must hold one YAML document, and another begins here`}},
		{name: "no YAML", file: "ssh:\n  listen: 'x\n",
			want: []string{`config.yaml:3: this is not YAML: found unexpected end of stream while scanning a quoted scalar`}},
		{name: "not UTF-8", file: "data_dir: \xff\n",
			want: []string{`config.yaml: this is not YAML: invalid leading UTF-8 octet (value: 255)`}},
		{name: "all together, in the order of the lines",
			file: "log_level: loud\nssh:\n  lisen: :1\n  login_grace: soon\nshutdown_grace: 2h\n",
			env:  []string{"SSHFORUM_LOG_LEVEL=quiet"},
			want: []string{
				`config.yaml:1: log_level is "loud"; it must be one of debug, info, warn, error`,
				`config.yaml:3: unknown setting "ssh.lisen"; did you mean "ssh.listen"?`,
				`config.yaml:4: ssh.login_grace is "soon"; it must be a duration such as 10s, 5m or 720h, from 1s to 1h`,
				`config.yaml:5: shutdown_grace is "2h"; it must be a duration such as 10s, 5m or 720h, from 0s to 1h`,
				`SSHFORUM_LOG_LEVEL: log_level is "quiet"; it must be one of debug, info, warn, error`,
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, write(t, test.file), test.env)
			if err == nil {
				t.Fatal("no error")
			}
			if got, want := err.Error(), strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestFilesThatSetNothing(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "ssh:\n", "ssh: {}\n"} {
		config, err := load(t, write(t, text), nil)
		if err != nil || config.SSH.Listen != ":2222" || config.SSH.LoginGrace != 2*time.Minute {
			t.Errorf("%q: %+v, %v", text, config.SSH, err)
		}
	}
}

func TestLists(t *testing.T) {
	want := []string{"aes128-ctr", "aes256-ctr"}
	for _, test := range []struct{ file, args string }{
		{"ssh:\n  ciphers: [aes128-ctr, aes256-ctr]\n", ""},
		{"ssh:\n  ciphers:\n    - aes128-ctr\n    - 'aes256-ctr'\n", ""},
		{"ssh:\n  ciphers: aes128-ctr, aes256-ctr\n", ""},
		{"ssh:\n  ciphers: [aes192-ctr]\n", "--ssh-ciphers=aes128-ctr,aes256-ctr"},
		{"", "--ssh-ciphers aes128-ctr --ssh-ciphers aes256-ctr"},
	} {
		config, err := load(t, write(t, test.file), nil, strings.Fields(test.args)...)
		if err != nil || !slices.Equal(config.SSH.Ciphers, want) {
			t.Errorf("%q %s: %q, %v", test.file, test.args, config.SSH.Ciphers, err)
		}
	}
	config, err := load(t, write(t, "ssh:\n  ciphers: []\n"), []string{"SSHFORUM_SSH_CIPHERS="})
	if err != nil || len(config.SSH.Ciphers) != 0 {
		t.Errorf("empty: %q, %v", config.SSH.Ciphers, err)
	}
}

func TestChooseConfigFile(t *testing.T) {
	t.Chdir(t.TempDir())
	env := []string{"SSHFORUM_CONFIG=old", "SSHFORUM_CONFIG=env.yaml"}
	choose := func(flag string, env []string, want string) {
		t.Helper()
		if got := chooseConfigFile(flag, env); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	choose("flag.yaml", env, "flag.yaml")
	choose("", env, "env.yaml")
	choose("", nil, "")
	choose("", []string{"SSHFORUM_CONFIG="}, "")
	write(t, "")
	choose("", nil, "config.yaml")
	choose("", []string{"SSHFORUM_CONFIG="}, "config.yaml")
}
