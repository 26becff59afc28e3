"""The core of Gongkai: words, records, paths and settings that every other room shares. It imports no other room."""
