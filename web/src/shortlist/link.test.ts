import { expect, it } from "vitest";
import { read, write } from "./link";

it("a link names the venues it was made of", () => {
  expect(read(write(["mill-barn", "a.b~c_1"], { guests: 80, hours: 6.5 }))).toEqual(["mill-barn", "a.b~c_1"]);
  expect(write(["mill-barn"], { guests: 80, hours: 6.5 })).toBe("?venues=mill-barn&guests=80&hours=6.5");
  expect(write([], {})).toBe("");
});

it("what can be no venue is left out, and the same is named once", () => {
  expect(read("?venues=a,a,,../../etc,<script>,b c,b")).toEqual(["a", "b"]);
  expect(read("?guests=80")).toEqual([]);
});
