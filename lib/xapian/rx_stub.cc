/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into stub files before libxapian does. */
#include "xapian/rx_stub.h"

#include <fstream>
#include <string>

#include <sys/stat.h>

#include "xapian/rx_guard.h"

namespace rx
{

namespace
{

enum { DEEPEST_STUB = 8, LARGEST_STUB = 1 << 20 };

bool is_file(const std::string &path, off_t *size = nullptr)
{
    struct stat status;
    if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    if (size)
        *size = status.st_size;
    return true;
}

/* The first bytes of a database that is a single file. */
bool is_single_file_database(std::ifstream &file)
{
    static const char magic[] = "\x0f\x0dXapian Glass";
    char start[sizeof magic - 1];
    bool is = file.read(start, sizeof start) && std::string(start, sizeof start) == magic;
    file.clear();
    file.seekg(0);
    return is;
}

/* The stub that opening `path` would read, in the order in which libxapian looks; empty: none. */
std::string find_stub(const std::string &path)
{
    if (is_file(path))
        return path;
    std::string inside = path + "/XAPIANDB";
    return !is_file(path + "/iamglass") && !is_file(path + "/iamchert") && is_file(inside) ? inside : std::string();
}

bool names_remote(const std::string &path, int depth)
{
    std::string name = find_stub(path);
    off_t size = 0;
    if (name.empty() || !is_file(name, &size))
        return false;
    std::ifstream stub(name, std::ios::binary);
    if (!stub || is_single_file_database(stub))
        return false;
    if (size > LARGEST_STUB)
        throw Refused(RX_DATABASE_OPENING, "%s is no database, and too large for a stub file", name.c_str());
    if (depth > DEEPEST_STUB)
        throw Refused(RX_DATABASE_OPENING, "%s: stub files that name stub files are nested too deep", name.c_str());
    /* A line is a type and what it needs: "remote host:port", "glass path", or "auto path", which can be a stub again. */
    std::string line;
    while (std::getline(stub, line)) {
        size_t space = line.find(' ');
        std::string type(line, 0, space);
        if (type == "remote")
            return true;
        if (type != "auto")
            continue;
        std::string target = space == std::string::npos ? std::string() : line.substr(space + 1);
        size_t slash = name.rfind('/');
        if ((target.empty() || target[0] != '/') && slash != std::string::npos)
            target.insert(0, name, 0, slash + 1);
        if (names_remote(target, depth + 1))
            return true;
    }
    return false;
}

} // namespace

bool stub_names_remote(const char *path) { return names_remote(path, 0); }

} // namespace rx
