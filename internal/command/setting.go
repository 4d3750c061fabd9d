package command

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A setting is a flag that may also be given by the environment, as PROCYON_ and its name
// in upper case, and by the configuration file, under its name. A flag counts more than
// its variable, the variable more than the file, the file more than the default. An empty
// variable counts as none.
const settingMark = "procyon-setting"

const variablePrefix = "PROCYON_"

func variable(name string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// configFile is the setting that names the file.
const configFile = "config"

// settings adds settings to a command's flags.
type settings struct{ *pflag.FlagSet }

// settingsOf begins a command's settings, with the one that names the file.
func settingsOf(c *cobra.Command) settings {
	s := settings{c.Flags()}
	s.text(new(string), configFile, "", "a YAML file of settings, by the names of the flags")
	return s
}

// mark makes a setting of a flag that was just added.
func (s settings) mark(name string) {
	f := s.Lookup(name)
	f.Usage += " (" + variable(name) + ")"
	f.Annotations = map[string][]string{settingMark: {variable(name)}}
}

func (s settings) text(p *string, name, value, usage string) {
	s.StringVar(p, name, value, usage)
	s.mark(name)
}

func (s settings) duration(p *time.Duration, name string, value time.Duration, usage string) {
	s.DurationVar(p, name, value, usage)
	s.mark(name)
}

func (s settings) number(p *int, name string, value int, usage string) {
	s.IntVar(p, name, value, usage)
	s.mark(name)
}

// toggle is on or off. Its variable is true or false.
func (s settings) toggle(p *bool, name string, value bool, usage string) {
	s.BoolVar(p, name, value, usage)
	s.mark(name)
}

// resolve gives a command's settings the values of the file and the environment, but
// those that were given as flags.
func resolve(c *cobra.Command, environ func() []string) error {
	if c.Flags().Lookup(configFile) == nil {
		return nil // it has no settings
	}
	told := koanf.New(".")
	vars := koanf.New(".")
	if err := vars.Load(env.Provider(".", env.Opt{Prefix: variablePrefix, EnvironFunc: environ, TransformFunc: fromVariable}), nil); err != nil {
		return fmt.Errorf("read the environment: %w", err)
	}
	path, err := c.Flags().GetString(configFile)
	if err != nil {
		return err
	}
	if !c.Flags().Changed(configFile) {
		path = vars.String(configFile)
	}
	if path != "" {
		if err := told.Load(file.Provider(path), settingsFile{path}); err != nil {
			return fmt.Errorf("PROCYON_CONFIG: %w", err)
		}
		if err := checkFile(c.Root(), path, told.Raw()); err != nil {
			return err
		}
	}
	if err := told.Merge(vars); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	var failed error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		value := told.Get(f.Name)
		if failed != nil || f.Changed || f.Annotations[settingMark] == nil || value == nil {
			return
		}
		if err := f.Value.Set(fmt.Sprint(value)); err != nil {
			failed = badValue(f, fmt.Sprint(value), err)
		}
	})
	return failed
}

// settingsFile parses a file of settings. Its errors hold nothing of the file, which may
// have secrets: YAML's own cite it, such as a password that begins with an asterisk.
type settingsFile struct{ path string }

// line is where in the file something is wrong, as YAML's errors have it.
var line = regexp.MustCompile(`\bline \d+`)

// Unmarshal implements koanf.Parser.
func (f settingsFile) Unmarshal(text []byte) (map[string]any, error) {
	values, err := yaml.Parser().Unmarshal(text)
	if err == nil {
		return values, nil
	}
	at := line.FindString(err.Error())
	if at != "" {
		at = ", " + at
	}
	return nil, fmt.Errorf("%s is not YAML of names and values%s; put text in quotes", f.path, at)
}

// Marshal implements koanf.Parser.
func (settingsFile) Marshal(values map[string]any) ([]byte, error) {
	return yaml.Parser().Marshal(values)
}

// fromVariable is the setting of a variable; none where it is empty.
func fromVariable(name, value string) (string, any) {
	if value == "" {
		return "", nil
	}
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, variablePrefix)), "_", "-"), value
}

// badValue says what is wrong with a setting's value.
func badValue(f *pflag.Flag, value string, err error) error {
	return wrongValue(variable(f.Name), f, value, err)
}

// wrongValue says what is wrong with the value of what people call name.
func wrongValue(name string, f *pflag.Flag, value string, err error) error {
	switch f.Value.Type() {
	case "int":
		return fmt.Errorf("%s %q is not a number", name, value)
	case "bool":
		return fmt.Errorf("%s %q is neither true nor false", name, value)
	case "duration":
		return fmt.Errorf("%s %q is not a length of time such as 30s, 90m or 24h; a day is 24h", name, value)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// checkFile refuses what no command has as a setting, and values of another kind: YAML
// would silently make another number of a text such as 0123 or 1234567890.10.
func checkFile(root *cobra.Command, path string, values map[string]any) error {
	kinds := map[string]string{}
	collect(root, kinds)
	for name, value := range values {
		kind, ok := kinds[name]
		if !ok || name == configFile {
			return fmt.Errorf("%s: there is no setting %q", path, name)
		}
		if !fits(kind, value) {
			return fmt.Errorf("%s: %s is not a %s; put text in quotes", path, name, kind)
		}
	}
	return nil
}

// collect finds the kinds of the settings of a command and of those below it, by name.
func collect(c *cobra.Command, kinds map[string]string) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Annotations[settingMark] != nil {
			kinds[f.Name] = f.Value.Type()
		}
	})
	for _, sub := range c.Commands() {
		collect(sub, kinds)
	}
}

func fits(kind string, value any) bool {
	switch value.(type) {
	case string:
		return true
	case bool:
		return kind == "bool"
	case int:
		return kind == "int"
	default:
		return false
	}
}
