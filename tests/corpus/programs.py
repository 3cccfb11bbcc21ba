"""Small programs and settings in many languages, each different."""

import words

# Kinds that only the name's extension tells apart for sure.
TEXTUAL = set("txt csv tsv md json xml html yaml toml ini log css sql srt c cpp cs go java js kt lua m pl php py r rb rs scala sh swift ts v vhdl vb asm bat ps1 vue ipynb rtf eml mbox vcf ics empty".split()) - {"rtf"}


def _name(r):
    return words.name(r, "en").split()[0].lower()


def _lines(r, line):
    return "".join(line(_name(r), r.randint(1, 99)) for _ in range(r.randint(5, 12)))


LANGUAGES = {
    "c": ("c", lambda r: "#include <stdio.h>\n\n" + _lines(r, lambda n, k: f"static int {n}(int x) {{\n\treturn x + {k};\n}}\n\n") + "int main(void) {\n\tprintf(\"%d\\n\", 1);\n\treturn 0;\n}\n"),
    "cpp": ("cpp", lambda r: "#include <vector>\n#include <string>\n\nnamespace x {\n" + _lines(r, lambda n, k: f"class {n.title()} {{\npublic:\n  std::vector<std::string> items;\n  int size() const {{ return {k}; }}\n}};\n") + "}\n"),
    "cs": ("cs", lambda r: "using System;\n\nnamespace Example\n{\n" + _lines(r, lambda n, k: f"    public class {n.title()}\n    {{\n        public int Count {{ get; set; }} = {k};\n    }}\n") + "}\n"),
    "go": ("go", lambda r: "package main\n\nimport \"fmt\"\n\n" + _lines(r, lambda n, k: f"func {n}(x int) int {{\n\treturn x * {k}\n}}\n\n") + "func main() {\n\tfmt.Println(1)\n}\n"),
    "java": ("java", lambda r: "package com.example;\n\nimport java.util.List;\n\npublic class Main {\n" + _lines(r, lambda n, k: f"    private static int {n}(int x) {{\n        return x + {k};\n    }}\n") + "}\n"),
    "js": ("js", lambda r: "'use strict';\nconst fs = require('fs');\n" + _lines(r, lambda n, k: f"function {n}(x) {{\n  return x + {k};\n}}\n") + "module.exports = { run: () => fs.readFileSync('a') };\n"),
    "ts": ("ts", lambda r: "import { readFile } from 'fs';\n" + _lines(r, lambda n, k: f"export interface {n.title()} {{\n  count: number;\n  name?: string;\n}}\n")),
    "py": ("py", lambda r: "import os\nimport sys\n\n\n" + _lines(r, lambda n, k: f"def {n}(x):\n    return x + {k}\n\n\n") + "if __name__ == '__main__':\n    print(sys.argv)\n"),
    "rs": ("rs", lambda r: "use std::fs;\n\n" + _lines(r, lambda n, k: f"fn {n}(x: u32) -> u32 {{\n    x + {k}\n}}\n\n") + "fn main() {}\n"),
    "sh": ("sh", lambda r: "#!/bin/sh\nset -eu\n" + _lines(r, lambda n, k: f"{n}={k}\necho \"${n}\"\n")),
    "sql": ("sql", lambda r: _lines(r, lambda n, k: f"CREATE TABLE {n} (id INT PRIMARY KEY, name VARCHAR({k}));\nINSERT INTO {n} VALUES (1, 'x');\n")),
    "php": ("php", lambda r: "<?php\n" + _lines(r, lambda n, k: f"function {n}($x) {{\n    return $x + {k};\n}}\n")),
    "rb": ("rb", lambda r: "require 'json'\n\n" + _lines(r, lambda n, k: f"def {n}(x)\n  x + {k}\nend\n\n")),
    "lua": ("lua", lambda r: _lines(r, lambda n, k: f"local function {n}(x)\n  return x + {k}\nend\n")),
    "kt": ("kt", lambda r: "package example\n\n" + _lines(r, lambda n, k: f"fun {n}(x: Int): Int = x + {k}\n")),
    "swift": ("swift", lambda r: "import Foundation\n\n" + _lines(r, lambda n, k: f"func {n}(_ x: Int) -> Int {{\n    return x + {k}\n}}\n")),
    "m": ("m", lambda r: _lines(r, lambda n, k: f"function y = {n}(x)\n% adds\n  y = x + {k};\nend\n")),
    "r": ("r", lambda r: "library(stats)\n" + _lines(r, lambda n, k: f"{n} <- function(x) {{\n  x + {k}\n}}\n")),
    "v": ("v", lambda r: _lines(r, lambda n, k: f"module {n}(input clk, output reg [7:0] q);\n  always @(posedge clk) q <= q + {k};\nendmodule\n")),
    "vhd": ("vhdl", lambda r: "library ieee;\nuse ieee.std_logic_1164.all;\n" + _lines(r, lambda n, k: f"entity {n} is\n  port (clk : in std_logic);\nend {n};\n")),
    "ps1": ("ps1", lambda r: "param([string]$Name)\n" + _lines(r, lambda n, k: f"function Get-{n.title()} {{\n    Write-Output {k}\n}}\n")),
    "bat": ("bat", lambda r: "@echo off\r\n" + _lines(r, lambda n, k: f"set {n}={k}\r\necho %{n}%\r\n")),
    "vue": ("vue", lambda r: "<template>\n  <div>{{ name }}</div>\n</template>\n\n<script>\nexport default {\n  data() { return { name: 'x' } }\n}\n</script>\n"),
    "yaml": ("yaml", lambda r: "version: 2\n" + _lines(r, lambda n, k: f"{n}:\n  count: {k}\n  enabled: true\n")),
    "toml": ("toml", lambda r: "[package]\nname = \"x\"\n" + _lines(r, lambda n, k: f"[{n}]\ncount = {k}\n")),
    "ini": ("ini", lambda r: _lines(r, lambda n, k: f"[{n}]\ncount={k}\n")),
    "css": ("css", lambda r: _lines(r, lambda n, k: f".{n} {{\n  margin: {k}px;\n}}\n")),
    "log": ("log", lambda r: _lines(r, lambda n, k: f"2025-03-04 05:06:{k % 60:02} INFO {n}: done in {k} ms\n")),
    "srt": ("srt", lambda r: "1\n00:00:01,000 --> 00:00:02,000\n" + words.sentence(r) + "\n\n2\n00:00:03,000 --> 00:00:04,000\n" + words.sentence(r) + "\n"),
    "ipynb": ("ipynb", lambda r: '{\n "cells": [],\n "metadata": {},\n "nbformat": 4,\n "nbformat_minor": 5\n}\n'),
}
