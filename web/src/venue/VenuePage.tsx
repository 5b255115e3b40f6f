export default function VenuePage({ id }: { id: string }) {
  return (
    <main id="main" className="page">
      {id}
    </main>
  );
}
